import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Binary,
  Claim,
  ClaimResponse,
  Coverage,
  DocumentReference,
  EpisodeOfCare,
  Extension,
  Invoice,
  Organization,
} from '@medplum/fhirtypes';
import { openWorld, type World } from '../../claim/world.ts';
import { coded, condition, coverage, own, patient, visit } from '../../firm/visit.ts';
import { eachStore } from '../../http/eachStore.ts';

type Stored<T> = T & { id: string };
const day = '2026-06-03';
const payer: Stored<Organization> = {
  resourceType: 'Organization',
  id: 'keystone-comp',
  name: 'Keystone Compensation Fund',
  identifier: [{ system: 'https://www.cms.gov/payer-id', value: 'KCF01' }],
  address: [{ line: ['1 Fund Plaza'], city: 'Albany', state: 'NY', postalCode: '12207' }],
};
const ofComp = (name: string, over: Partial<Coverage> = {}): Stored<Coverage> => {
  const held = coverage(`${name}-comp`, name, {
    payor: [{ reference: 'Organization/keystone-comp' }],
    type: coded('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'WCBPOL'),
    ...over,
  });
  delete held.class;
  return held;
};
const episode = (
  name: string,
  over: { kind?: string; decision?: string; coverage?: string | null; of?: string } = {},
): Stored<EpisodeOfCare> => {
  const paid = over.coverage === undefined ? `Coverage/${name}-comp` : over.coverage;
  const parts: Extension[] = [
    { url: 'injury', valueDate: '2026-05-28' },
    { url: 'state', valueString: 'NY' },
    { url: 'claim-number', valueString: 'WCB-77-1204' },
    { url: 'decision', valueCode: over.decision ?? 'accepted' },
    { url: 'document', valueReference: { reference: `DocumentReference/${name}-c4` } },
    ...(paid === null ? [] : [{ url: 'coverage', valueReference: { reference: paid } }]),
  ];
  return {
    resourceType: 'EpisodeOfCare',
    id: `${name}-case`,
    status: 'active',
    type: [
      coded('https://claimwright.example/fhir/CodeSystem/case-type', over.kind ?? 'workers-compensation'),
    ],
    patient: { reference: `Patient/${over.of ?? name}` },
    managingOrganization: { reference: 'Organization/alder-street-clinic' },
    extension: [{ url: own('case'), extension: parts }],
  };
};

describe.each(eachStore('office_case'))('cases, on %s', (_name, open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(open);
    await world.put(payer);
  }, 60_000);
  afterAll(() => world.close());

  const charted = async (name: string, over: Parameters<typeof episode>[1] = {}): Promise<void> => {
    const document: Stored<DocumentReference> = {
      resourceType: 'DocumentReference',
      id: `${name}-c4`,
      status: 'current',
      subject: { reference: `Patient/${name}` },
      content: [{ attachment: { contentType: 'text/plain', data: 'Zm9ybQ==' } }],
    };
    await world.put(
      patient(name),
      coverage(name, name, { subscriberId: `JRH${name.toUpperCase()}` }),
      ofComp(name),
      document,
      episode(name, over),
      visit(name, name, day, { episodeOfCare: [{ reference: `EpisodeOfCare/${name}-case` }] }),
      condition(name, name),
    );
  };
  const drafted = async (name: string): Promise<Claim> => {
    const [claim] = await world.claims(name);
    if (!claim) throw new Error('no claim');
    return claim;
  };

  test('12.cases a claim of a case goes to its own coverage, with accident, number and documents', async () => {
    await charted('abel');
    const claim = await drafted('abel');
    expect(claim.insurance.map((i) => i.coverage.reference)).toEqual(['Coverage/abel-comp']);
    expect([claim.insurer?.reference, claim.accident?.date, claim.accident?.locationAddress?.state]).toEqual([
      ...['Organization/keystone-comp', '2026-05-28', 'NY'],
    ]);
    const beside = (claim.supportingInfo ?? []).map((s) => s.valueString ?? s.valueReference?.reference);
    expect(beside).toEqual(expect.arrayContaining(['WCB-77-1204', 'DocumentReference/abel-c4']));
    const x12 = await world.send('get', `Claim/${claim.id ?? ''}/$x12`);
    const sent = Buffer.from((x12.body as Binary).data ?? '', 'base64').toString('utf8');
    expect(sent).toMatch(/REF\*Y4\*WCB-77-1204~/);
    expect(sent).toMatch(/DTP\*439\*D8\*20260528~/);
    expect(sent).toMatch(/CLM\*[^~]*\*EM/);
    expect(sent.indexOf('REF*Y4')).toBeLessThan(sent.indexOf('CLM*'));
    const form = await world.send('get', `Claim/${claim.id ?? ''}/$form`);
    expect(form.status).toBe(200);
  });

  test('12.cases another visit of the patient does not go to the coverage of the case', async () => {
    await charted('basil');
    await world.put(visit('basil-2', 'basil', '2026-06-10'), condition('basil', 'basil-2'));
    const [claim] = await world.claims('basil-2');
    expect(claim?.insurance.map((i) => i.coverage.reference)).toEqual(['Coverage/basil']);
    expect([
      claim?.accident,
      (claim?.supportingInfo ?? []).some((s) => s.valueString?.startsWith('WCB')),
    ]).toEqual([...[undefined, false]]);
  });

  test('12.cases a case that changes after the draft is draft-out-of-date, a wrong one a clear answer', async () => {
    await charted('cyril');
    const claim = await drafted('cyril');
    await world.put(episode('cyril', { kind: 'auto' }));
    const sent = await world.call(`Claim/${claim.id ?? ''}/$submit`);
    expect([sent.status, sent.codes.includes('draft-out-of-date')]).toEqual([422, true]);
    await world.put(episode('cyril', { of: 'abel' }));
    const wrong = await world.call('Encounter/cyril/$generate-claim');
    expect([wrong.status, wrong.codes]).toEqual([422, ['case-unusable']]);
    await world.put(episode('cyril', { coverage: null }));
    const none = await world.call('Encounter/cyril/$generate-claim');
    expect([none.status, none.codes]).toEqual([422, ['case-unusable']]);
    const billed = await world.call('Encounter/cyril/$generate-invoice');
    expect([billed.status, billed.all('invoice')]).toEqual([422, []]);
  });

  test('12.cases neighbour: insurance of a car pays before the plan of the patient, who is not told its number', async () => {
    await charted('doris', { kind: 'auto' });
    const claim = await drafted('doris');
    expect(claim.insurance.map((i) => i.coverage.reference)).toEqual([
      'Coverage/doris-comp',
      'Coverage/doris',
    ]);
    await world.submit(claim, '2026-06-05');
    const all = await world.find<Claim>('Claim?encounter=Encounter/doris');
    const next = all.find((c) => c.insurance.find((i) => i.focal)?.coverage.reference === 'Coverage/doris');
    const told = JSON.stringify(next?.supportingInfo);
    expect([next?.status, told.includes('WCB-77'), told.includes('doris-c4')]).toEqual([
      'draft',
      false,
      false,
    ]);
  });

  test('12.cases accepted compensation is never billed to the patient: a code and a Task', async () => {
    await charted('edgar');
    const claim = await drafted('edgar');
    const answer = (await world.submit(claim, '2026-06-05')) as Stored<ClaimResponse>;
    expect(answer.outcome).toBe('complete');
    const owed = await world.standing('edgar');
    expect(owed['receivable-patient-not-invoiced']).toBeGreaterThan(0);
    const [eob] = await world.find(`ExplanationOfBenefit?claim=Claim/${claim.id ?? ''}`);
    const billed = await world.call(`ExplanationOfBenefit/${eob?.id ?? ''}/$generate-invoice`);
    expect([billed.status, billed.all('invoice'), billed.codes.includes('compensation')]).toEqual([
      200,
      [],
      true,
    ]);
    expect((await world.find(`Task?code=bill-held&focus=Claim/${claim.id ?? ''}`)).length).toBe(1);
    expect(await world.find<Invoice>('Invoice?subject=Patient/edgar')).toEqual([]);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases a denied case releases to the other coverage of the patient by $rebill', async () => {
    await charted('fay');
    await world.put(ofComp('fay', { subscriberId: 'FORCEDDENIED1' }));
    const claim = await drafted('fay');
    await world.submit(claim, '2026-06-05');
    const early = await world.call('Encounter/fay/$rebill', [
      { name: 'coverage', valueReference: { reference: 'Coverage/fay' } },
    ]);
    expect([early.status, early.codes]).toEqual([422, ['coverage-not-first']]);
    await world.put(episode('fay', { decision: 'denied' }));
    const again = await world.call('Encounter/fay/$rebill', [
      { name: 'coverage', valueReference: { reference: 'Coverage/fay' } },
    ]);
    expect(again.status).toBe(200);
    const [next] = again.all<Claim>('claim');
    expect(next?.insurance.map((i) => i.coverage.reference)).toEqual(['Coverage/fay']);
    expect(next?.accident?.date).toBe('2026-05-28');
    const sent = await world.call(`Claim/${next?.id ?? ''}/$submit`);
    expect(sent.status).toBe(200);
    expect(await world.faults()).toEqual([]);
  });

  test('12.cases neighbour: a statement leaves out what compensation answers for since', async () => {
    await charted('gail', { decision: 'denied' });
    const claim = await drafted('gail');
    await world.submit(claim, '2026-06-05');
    const [eob] = await world.find(`ExplanationOfBenefit?claim=Claim/${claim.id ?? ''}`);
    const billed = await world.call(`ExplanationOfBenefit/${eob?.id ?? ''}/$generate-invoice`);
    const [invoice] = billed.all<Invoice>('invoice');
    expect(invoice?.status).toBe('issued');
    const account = invoice?.account?.reference ?? '';
    const asked = await world.call(`${account}/$statement`);
    expect([asked.status, JSON.stringify(asked.body).includes(`Invoice/${invoice?.id ?? ''}`)]).toEqual([
      200,
      true,
    ]);
    await world.put(episode('gail'));
    const now = await world.call(`${account}/$statement`);
    expect(JSON.stringify(now.body).includes(`Invoice/${invoice?.id ?? ''}`)).toBe(false);
  });
});
