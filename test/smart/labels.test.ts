import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  ClaimResponse,
  Condition,
  Encounter,
  ExplanationOfBenefit,
  Invoice,
  Parameters,
  PaymentReconciliation,
  Resource,
  ResourceType,
} from '@medplum/fhirtypes';
import { parsed } from '../../src/interaction/repository.ts';
import { passAll } from '../../src/operation/label/passAll.ts';
import { payment } from '../fixture/called.ts';
import { kneeOffice, type KneeOffice } from '../firm/kneeOffice.ts';
import { eachStore } from '../http/eachStore.ts';
import { AsAccount } from './asAccount.ts';

const hiv = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
const roleCode = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const types = ['ChargeItem', 'Claim', 'ClaimResponse', 'ExplanationOfBenefit', 'Invoice'] as const;

describe.each(eachStore('labels'))('what is labelled sensitive on %s', (_, open) => {
  let office: KneeOffice;
  let server: AsAccount;
  beforeAll(async () => {
    office = await kneeOffice(open);
    server = new AsAccount(office.context);
  });
  afterAll(() => office.store.close());

  /** A patient with somebody who acts for them: accounts `<name>` and `<name>-parent`. */
  async function people(name: string): Promise<string> {
    const visit = await office.visit(name);
    await office.put({
      resourceType: 'RelatedPerson',
      id: `${name}-parent`,
      active: true,
      patient: { reference: `Patient/${name}` },
      relationship: [{ coding: [{ system: roleCode, code: 'SPS' }] }],
    });
    const account = { name, kind: 'user' as const, roles: ['patient'], users: [`Patient/${name}`] };
    await server.is(account);
    await server.is({
      ...account,
      name: `${name}-parent`,
      roles: ['proxy'],
      users: [`RelatedPerson/${name}-parent`],
    });
    return visit;
  }
  const label = async (path: string): Promise<void> => {
    const { status } = await office.change<Encounter | Condition>(path, (resource) => {
      resource.meta = { ...resource.meta, security: [hiv] };
    });
    expect(status).toBe(200);
  };
  const draft = async (visit: string): Promise<string> => {
    const ran = await office.run(`${visit}/$generate-claim`);
    expect(ran.status).toBe(200);
    return `Claim/${ran.all('claim')[0]?.id ?? ''}`;
  };
  const explained = async (claim: string): Promise<string> => {
    const answer = (await office.run(`${claim}/$submit`)).one<ClaimResponse>();
    expect(answer.outcome).toBe('complete');
    const found = await office.get<Bundle>(`ExplanationOfBenefit?claim=${claim}`);
    return `ExplanationOfBenefit/${found.entry?.[0]?.resource?.id ?? ''}`;
  };
  /** The payment that an explanation came with. */
  const paymentOf = async (explanation: string): Promise<PaymentReconciliation & { id: string }> => {
    const { claim } = await office.get<ExplanationOfBenefit>(explanation);
    const all = await office.get<Bundle<PaymentReconciliation>>('PaymentReconciliation?_count=100');
    const found = (all.entry ?? []).flatMap(({ resource }) => resource ?? []);
    const of = found.find(({ detail }) => detail?.some((d) => d.request?.reference === claim?.reference));
    if (of?.id === undefined) throw new Error(`no payment of ${explanation}`);
    return Object.assign(of, { id: of.id });
  };
  const billed = async (explanation: string): Promise<string> =>
    `Invoice/${(await office.run(`${explanation}/$generate-invoice`)).one<Invoice>('invoice').id}`;

  const found = async (who: string, path: string): Promise<string[]> => {
    const answer = await server.ask(who, 'get', path);
    expect([path, answer.status]).toEqual([path, 200]);
    return ((answer.body as Bundle).entry ?? []).map(
      ({ resource }) => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`,
    );
  };
  const billOf = async (who: string): Promise<string[]> => {
    const all: string[] = [];
    for (const type of types) all.push(...(await found(who, `${type}?_count=100`)));
    return all;
  };
  const balanceOf = async (who: string, account: string) => {
    const answer = await server.ask(who, 'get', `${account}/$balance`);
    const { parameter = [] } = answer.body as Parameters;
    return {
      total: parameter.find(({ name }) => name === 'total')?.valueMoney?.value,
      entries: parameter.filter(({ name }) => name === 'entry').length,
    };
  };
  /** Everything that a proxy reads of a patient, by every road, in one text. */
  async function everyRoad(who: string, patient: string): Promise<string> {
    const texts: string[] = [];
    for (const path of [
      ...types.flatMap((type) => [
        `${type}?_count=100`,
        `${type}?patient=${patient}&_include=*`,
        `${type}/_history?_count=100`,
      ]),
      `Patient?_id=${patient}&_revinclude=*&_count=200`,
      `Coverage?beneficiary=Patient/${patient}&_revinclude=ExplanationOfBenefit:coverage`,
      `Patient/${patient}/$everything?_count=200`,
      'PaymentNotice?_include=PaymentNotice:request',
      'Provenance?_count=200&_include=Provenance:target',
    ])
      texts.push(JSON.stringify((await server.ask(who, 'get', path)).body));
    const { access } = await server.accounts.of({
      name: who,
      kind: 'user',
      roles: ['proxy'],
      users: [`RelatedPerson/${who}`],
    });
    const store = office.store.as(access);
    for (const type of types) texts.push(await exported(store, type));
    return texts.join('\n');
  }
  const exported = async (store: KneeOffice['store'], type: ResourceType): Promise<string> => {
    const page = await store.asOf({ type, at: Date.now() + 60_000, count: 1000 });
    return JSON.stringify(page.versions.map((version) => parsed(version)));
  };
  const idsOf = (names: readonly string[]): RegExp =>
    new RegExp(names.map((name) => name.split('/')[1] ?? '').join('|'));

  test('D.3 what a visit is labelled goes on to its charges, claim, answer, explanation, Invoice and receipt', async () => {
    const visit = await people('before');
    await label(visit);
    const claim = await draft(visit);
    const explanation = await explained(claim);
    const invoice = await billed(explanation);
    const paid = await office.run(`${invoice}/$record-payment`, payment(5, 'P-1'));
    const notice = `PaymentNotice/${paid.one('receipt').id}`;
    const made = await billOf('before');
    expect(new Set(made.map((name) => name.split('/')[0]))).toEqual(new Set(types));
    const { id } = await paymentOf(explanation);
    for (const name of [...made, notice, `PaymentReconciliation/${id}`])
      expect([name, (await office.get<Resource>(name)).meta?.security]).toEqual([name, [hiv]]);
    const tasks = await office.get<Bundle>('Task?patient=Patient/before');
    expect(tasks.entry?.map(({ resource }) => resource?.meta?.security)).toEqual([[hiv]]);
    expect(await billOf('before-parent')).toEqual([]);
    const names = [...made, notice];
    for (const name of [...names, visit])
      expect((await server.ask('before-parent', 'get', name)).status).toBe(404);
    expect(await everyRoad('before-parent', 'before')).not.toMatch(idsOf(names));
  });

  test('D.3 a label that comes after the bill goes on to all of it, and holds for the versions before', async () => {
    const visit = await people('after');
    const explanation = await explained(await draft(visit));
    const invoice = await billed(explanation);
    const paid = await office.run(`${invoice}/$record-payment`, payment(5, 'P-2'));
    const names = [...(await billOf('after')), `PaymentNotice/${paid.one('receipt').id}`];
    expect((await billOf('after-parent')).length).toBeGreaterThan(5);
    const account = `Account/${(await office.get<Bundle>('Account?patient=after')).entry?.[0]?.resource?.id ?? ''}`;
    const whole = await balanceOf('after', account);
    expect([whole.entries > 5, await balanceOf('after-parent', account)]).toEqual([true, whole]);
    const journal = await office.journal();
    expect((await paymentOf(explanation)).meta?.security).toBeUndefined();
    await label(visit);
    expect((await paymentOf(explanation)).meta?.security).toEqual([hiv]);
    expect(await balanceOf('after', account)).toEqual(whole);
    expect(await balanceOf('after-parent', account)).toEqual({ total: 0, entries: 0 });
    for (const name of names) {
      expect([name, (await office.get<Resource>(name)).meta?.security]).toEqual([name, [hiv]]);
      for (const tail of ['', '/_history', '/_history/1'])
        expect([name, (await server.ask('after-parent', 'get', `${name}${tail}`)).status]).toEqual([
          name,
          404,
        ]);
      expect((await server.ask('after', 'get', `${name}/_history/1`)).status).toBe(200);
    }
    expect(await everyRoad('after-parent', 'after')).not.toMatch(idsOf(names));
    expect(await office.journal()).toEqual(journal);
  });

  test('D.3 neighbour: a label of a diagnosis, and one that comes while the claim is a draft', async () => {
    const visit = await people('chart');
    await label('Condition/chart-knee');
    const claim = await draft(visit);
    expect((await office.get<Resource>(claim)).meta?.security).toEqual([hiv]);
    expect(await billOf('chart-parent')).toEqual([]);
    const later = await people('drafted');
    const open = await draft(later);
    expect(await billOf('drafted-parent')).toContain(open);
    await label('MedicationAdministration/drafted-injection');
    expect(await billOf('drafted-parent')).toEqual([]);
    await explained(open);
    expect(await billOf('drafted-parent')).toEqual([]);
  });

  test('D.3 neighbour: a plain PUT does not take a label off what it was passed to, $meta-delete does', async () => {
    const visit = await people('taken');
    await label(visit);
    const claim = await draft(visit);
    const change = await office.change(claim, (resource) => {
      delete resource.meta;
    });
    expect([change.status, (await office.get<Resource>(claim)).meta?.security]).toEqual([200, [hiv]]);
    const meta = { name: 'meta', valueMeta: { security: [hiv] } };
    expect((await office.run(`${claim}/$meta-delete`, [meta])).status).toBe(200);
    expect((await office.get<Resource>(claim)).meta?.security).toBeUndefined();
    expect(await billOf('taken-parent')).toEqual([claim]);
    expect((await office.run(`${visit}/$meta-add`, [meta])).status).toBe(200);
  });

  test('D.3 neighbour: what was labelled before labels were passed on is passed on by the sweep, once', async () => {
    const visit = await people('earlier');
    await draft(visit);
    const stored = await office.get<Encounter>(visit);
    await office.store.transaction((tx) => tx.put({ ...stored, meta: { security: [hiv] } }));
    expect(await billOf('earlier-parent')).not.toEqual([]);
    expect(await passAll(office.context, new AbortController().signal)).toBe(true);
    expect(await billOf('earlier-parent')).toEqual([]);
    const before = await billOf('earlier');
    const versions = async () =>
      Promise.all(before.map(async (name) => (await office.get<Resource>(name)).meta?.versionId));
    const once = await versions();
    await passAll(office.context, new AbortController().signal);
    expect(await versions()).toEqual(once);
  });

  test('D.3 neighbour: labels that are not sensitive stay where they are, and other visits are untouched', async () => {
    const visit = await people('plain');
    await office.change<Encounter>(visit, (resource) => {
      resource.meta = {
        security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }],
      };
    });
    const claim = await draft(visit);
    expect((await office.get<Resource>(claim)).meta?.security).toBeUndefined();
    expect(await billOf('plain-parent')).toContain(claim);
  });
});
