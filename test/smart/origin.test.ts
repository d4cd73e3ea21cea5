import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, ClaimResponse, Invoice, Provenance, Resource } from '@medplum/fhirtypes';
import { payment } from '../fixture/called.ts';
import { codes, kneeOffice, type KneeOffice } from '../firm/kneeOffice.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from './asAccount.ts';

type Origin = Provenance & { id: string };

describe.each(eachStore('origin'))('where what operations make comes from, on %s', (_, open) => {
  let office: KneeOffice;
  let server: AsAccount;
  beforeAll(async () => {
    office = await kneeOffice(open);
    server = new AsAccount(office.context);
    const biller = {
      name: 'biller',
      kind: 'user' as const,
      roles: ['biller'],
      users: ['Practitioner/ruth-abernathy'],
    };
    await server.is({ ...biller, practices: ['alder-street-clinic'] });
    await server.is({ ...biller, name: 'nameless', users: [], practices: ['alder-street-clinic'] });
    await server.is({ ...biller, name: 'elsewhere', practices: ['other'] });
    await server.is({ name: 'auditor', kind: 'user', roles: ['auditor'], users: [] });
  });
  afterAll(() => office.store.close());

  const run = async (who: string, path: string, parameter: readonly object[] = []) => {
    const body = { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) };
    const answer = await server.ask(who, 'post', path, body);
    expect([path, answer.status]).toEqual([path, 200]);
    const answered = answer.body as Resource;
    const named = answered.resourceType === 'Parameters' ? (answered.parameter ?? []) : [];
    return { answered, one: (name: string) => named.find((p) => p.name === name)?.resource };
  };
  const found = async <T extends Resource>(path: string, who?: string): Promise<T[]> => {
    const bundle =
      who === undefined
        ? await office.get<Bundle>(path)
        : ((await server.ask(who, 'get', path)).body as Bundle);
    return (bundle.entry ?? []).flatMap(({ resource }) => resource as T);
  };
  const originsOf = (target: string, who?: string): Promise<Origin[]> =>
    found<Origin>(`Provenance?target=${target}&_count=100`, who);
  const names = (of: Origin, role?: string): string[] =>
    role === undefined
      ? of.target.map(({ reference = '' }) => reference)
      : (of.entity ?? []).filter((e) => e.role === role).map(({ what }) => what.reference ?? '');
  const typesOf = (references: readonly string[]): string[] =>
    [...new Set(references.map((reference) => reference.split('/')[0] ?? ''))].sort();
  const onlyOne = (all: readonly Origin[], activity: string): Origin => {
    const of = all.filter((one) => one.activity?.text === activity);
    expect([activity, of.length]).toEqual([activity, 1]);
    return of[0] as Origin;
  };

  interface Road {
    readonly patient: string;
    readonly claim: string;
    readonly explanation: string;
    readonly invoice: string;
    readonly receipt: string;
  }
  async function road(name: string, who = 'biller'): Promise<Road> {
    const visit = await office.visit(name);
    const drafted = await run(who, `${visit}/$generate-claim`);
    const claim = `Claim/${drafted.one('claim')?.id ?? ''}`;
    const { answered } = await run(who, `${claim}/$submit`);
    expect((answered as ClaimResponse).outcome).toBe('complete');
    const [eob] = await found(`ExplanationOfBenefit?claim=${claim}`);
    const explanation = `ExplanationOfBenefit/${eob?.id ?? ''}`;
    const invoice = (await run(who, `${explanation}/$generate-invoice`)).one('invoice') as Invoice;
    const paid = await run(who, `Invoice/${invoice.id ?? ''}/$record-payment`, payment(5, `P-${name}`));
    return {
      ...{ patient: name, claim, explanation, invoice: `Invoice/${invoice.id ?? ''}` },
      receipt: `PaymentNotice/${paid.one('receipt')?.id ?? ''}`,
    };
  }

  test('D.5 each step of the road leaves one Provenance of the versions it made and read', async () => {
    const { claim, explanation, invoice, receipt } = await road('one');
    const drafted = onlyOne(await originsOf(claim), '$generate-claim');
    expect(typesOf(names(drafted))).toEqual(['Account', 'ChargeItem', 'Claim']);
    expect(names(drafted)).toContain(`${claim}/_history/1`);
    expect(names(drafted, 'source').sort()).toEqual([
      'Condition/one-knee/_history/1',
      'Coverage/one/_history/1',
      'Encounter/one-visit/_history/1',
      'MedicationAdministration/one-injection/_history/1',
    ]);
    expect(drafted.policy).toEqual([
      'https://claimwright.example/fhir/OperationDefinition/Encounter-generate-claim',
    ]);
    const sent = onlyOne(await originsOf(claim), '$submit');
    expect(names(sent)).toContain(`${claim}/_history/2`);
    expect(names(sent, 'revision')).toContain(`${claim}/_history/1`);
    expect(sent.activity?.coding?.[0]?.code).toBe('UPDATE');
    const explained = onlyOne(await originsOf(explanation), 'answer of a payer');
    expect(typesOf(names(explained))).toEqual([
      ...['ClaimResponse', 'ExplanationOfBenefit', 'PaymentReconciliation', 'Task'],
    ]);
    expect(names(explained, 'source')).toContain(`${claim}/_history/2`);
    expect(explained.agent[0]?.who).toEqual({ type: 'Device', display: 'Claimwright' });
    const billed = onlyOne(await originsOf(invoice), '$generate-invoice');
    expect(names(billed, 'source')).toContain(`${explanation}/_history/1`);
    const paid = onlyOne(await originsOf(receipt), '$record-payment');
    expect(names(paid, 'source').map((name) => name.replace(/\/_history.*/, ''))).toContain(invoice);
    for (const one of [drafted, sent, explained, billed, paid])
      for (const reference of [...names(one), ...names(one, 'source'), ...names(one, 'revision')])
        expect((await office.get<Resource>(reference)).resourceType).toBe(reference.split('/')[0]);
  });

  test('D.5 it says who asked, in which role and for whom, and nothing of an account', async () => {
    const { claim, explanation } = await road('two');
    const clinic = { reference: 'Organization/alder-street-clinic' };
    const drafted = onlyOne(await originsOf(claim), '$generate-claim');
    expect(drafted.agent.map(({ who, role, onBehalfOf }) => [who, role, onBehalfOf])).toEqual([
      [{ reference: 'Practitioner/ruth-abernathy' }, [{ text: 'biller' }], clinic],
      [clinic, undefined, undefined],
    ]);
    const explained = onlyOne(await originsOf(explanation), 'answer of a payer');
    expect(explained.agent[0]?.onBehalfOf).toEqual(clinic);
    const nameless = await road('three', 'nameless');
    expect(JSON.stringify(await originsOf(nameless.claim))).not.toContain('nameless');
    for (const all of [await originsOf(claim), await originsOf(explanation)])
      for (const one of all) expect(office.context.validate(one)).toEqual([]);
  });

  test('D.5 _revinclude=Provenance:target finds it, _include gives the version that it names', async () => {
    const { claim, explanation } = await road('four');
    const all = await found(
      `ExplanationOfBenefit?_id=${explanation.split('/')[1] ?? ''}&_revinclude=Provenance:target`,
    );
    expect(all.map(({ resourceType }) => resourceType)).toEqual(['ExplanationOfBenefit', 'Provenance']);
    const [first] = (await originsOf(claim)).filter((one) => one.activity?.text === '$generate-claim');
    const included = await found(`Provenance?_id=${first?.id ?? ''}&_include=Provenance:target`);
    expect(
      included.filter(({ resourceType }) => resourceType === 'Claim').map(({ meta }) => meta?.versionId),
    ).toEqual(['1']);
  });

  test('D.5 a patient sees that of their bill, nobody else’s; staff that of their practice, auditors all', async () => {
    const { explanation, claim, invoice } = await road('five');
    await road('six');
    for (const name of ['five', 'six'])
      await server.is({ name, kind: 'user', roles: ['patient'], users: [`Patient/${name}`] });
    const app = { name: 'app', kind: 'user' as const, roles: ['patient'], users: ['Patient/five'] };
    await server.is(app, { scope: 'patient/*.rs', patient: 'five' });
    for (const who of ['five', 'app', 'biller', 'auditor'])
      for (const target of [explanation, claim, invoice])
        expect([who, (await originsOf(target, who)).length > 0]).toEqual([who, true]);
    for (const who of ['six', 'elsewhere'])
      for (const target of [explanation, claim, invoice])
        expect([who, await originsOf(target, who)]).toEqual([who, []]);
    const [one] = await originsOf(explanation);
    expect((await server.ask('five', 'get', `Provenance/${one?.id ?? ''}`)).status).toBe(200);
    expect((await server.ask('six', 'get', `Provenance/${one?.id ?? ''}`)).status).toBe(404);
    const seen = await found<Origin>('Provenance?_count=200', 'six');
    expect(seen.length).toBeGreaterThan(3);
    expect(JSON.stringify(seen)).not.toContain('/five');
    const search = 'ExplanationOfBenefit?_revinclude=Provenance:target';
    expect((await found(search, 'app')).map(({ resourceType }) => resourceType)).toContain('Provenance');
  });

  test('D.5 nobody writes or deletes it, and it keeps nothing from being deleted', async () => {
    const visit = await office.visit('seven');
    const drafted = await run('biller', `${visit}/$generate-claim`);
    const claim = `Claim/${drafted.one('claim')?.id ?? ''}`;
    const [one] = await originsOf(claim);
    if (!one) throw new Error('no Provenance');
    const changed = await office.change<Provenance>(`Provenance/${one.id}`, (own) => {
      own.recorded = '2020-01-01T00:00:00Z';
    });
    expect([changed.status, codes(changed)]).toEqual([409, ['kept-by-the-books']]);
    expect(codes(await office.delete(`Provenance/${one.id}`))).toEqual(['kept-by-the-books']);
    expect(codes(await office.put({ ...one, id: 'derived-mine' }))).toEqual(['kept-by-the-books']);
    const patch = await server.ask('all', 'patch', `Provenance/${one.id}`, [
      { op: 'remove', path: '/agent/1' },
    ]);
    expect(patch.status).not.toBe(200);
    expect((await office.put(await office.get<Provenance>(`Provenance/${one.id}`))).status).toBe(200);
    const own = { ...one, id: 'mine' };
    expect((await office.put(own)).status).toBe(201);
    expect((await office.delete('Provenance/mine')).status).toBe(204);
    expect((await office.delete(claim)).status).toBe(204);
    expect((await office.get<Resource>(`${claim}/_history/1`)).id).toBe(claim.split('/')[1]);
  });

  test('D.5 neighbour: a dry run, a refusal and a repeat that changes nothing leave none', async () => {
    const visit = await office.visit('eight');
    const all = async (): Promise<number> => (await found('Provenance?_count=1000')).length;
    const before = await all();
    await run('biller', `${visit}/$generate-claim`, [{ name: 'dryRun', valueBoolean: true }]);
    expect(
      (await server.ask('biller', 'post', 'Claim/nowhere/$submit', { resourceType: 'Parameters' })).status,
    ).toBe(404);
    expect(await all()).toBe(before);
    await run('biller', `${visit}/$generate-claim`);
    expect(await all()).toBe(before + 1);
    await run('biller', `${visit}/$generate-claim`);
    expect(await all()).toBe(before + 1);
  });

  test('D.5 neighbour: claims of several patients in one call leave one Provenance each', async () => {
    const visits = [await office.visit('nine'), await office.visit('ten')];
    const encounter = visits.map((reference) => ({ name: 'encounter', valueReference: { reference } }));
    await run('biller', 'Encounter/$generate-claim', encounter);
    for (const [own, other] of [
      ['nine', 'ten'],
      ['ten', 'nine'],
    ]) {
      const [claim] = await found(`Claim?patient=Patient/${own ?? ''}`);
      const one = onlyOne(await originsOf(`Claim/${claim?.id ?? ''}`), '$generate-claim');
      expect(JSON.stringify(one)).not.toContain(`/${other ?? ''}`);
    }
  });

  test('D.5 neighbour: the reason that was given is there', async () => {
    const { receipt } = await road('eleven');
    await run('biller', `${receipt}/$reverse`, [{ name: 'reason', valueString: 'wrong amount' }]);
    const reversed = (await originsOf(receipt)).find((one) => one.activity?.text === '$reverse');
    expect(reversed?.reason).toEqual([{ text: 'wrong amount' }]);
  });
});
