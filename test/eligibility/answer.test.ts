import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Organization,
  Patient,
  Task,
} from '@medplum/fhirtypes';
import { system } from '../../src/terminology/system.ts';
import { openSender, type Sender } from '../firm/payerAtTheEnd.ts';
import { eachStore } from '../http/eachStore.ts';
import { answered, asked, numbered, opened } from './payerAnswers.ts';

const patient: Patient & { id: string } = {
  ...{ resourceType: 'Patient', id: 'eligible', birthDate: '1970-05-05', gender: 'female' },
  name: [{ family: 'Marlow', given: ['Ada'] }],
};
const coverage: Coverage & { id: string } = {
  ...{ resourceType: 'Coverage', id: 'eligible', status: 'active', subscriberId: 'JRH100871102' },
  relationship: { coding: [{ system: system.subscriberRelationship, code: 'self' }] },
  subscriber: { reference: 'Patient/eligible' },
  beneficiary: { reference: 'Patient/eligible' },
  payor: [{ reference: 'Organization/juniper-ridge' }],
};
const request = (trace: string): CoverageEligibilityRequest & { id: string } => ({
  ...{ resourceType: 'CoverageEligibilityRequest', id: trace.toLowerCase() },
  identifier: [{ system: system.trace, value: trace }],
  status: 'active',
  purpose: ['benefits'],
  patient: { reference: 'Patient/eligible' },
  servicedDate: '2026-06-05',
  created: '2026-06-05',
  provider: { reference: 'Organization/alder-street-clinic' },
  insurer: { reference: 'Organization/juniper-ridge' },
  insurance: [{ focal: true, coverage: { reference: 'Coverage/eligible' } }],
  item: [
    { category: { coding: [{ system: system.x12ServiceType, code: '30' }] } },
    { productOrService: { coding: [{ system: system.hcpcs, code: 'J1745' }] } },
  ],
});

describe.each(eachStore('eligibility'))('what payers say of eligibility, on %s', (_store, open) => {
  let office: Sender;
  beforeAll(async () => {
    office = await openSender(open);
    for (const resource of [patient, coverage]) expect((await office.put(resource)).status).toBeLessThan(300);
  });
  afterAll(() => office.store.close());
  const parties = async () => [
    ...[patient, coverage],
    await office.get<Organization>('Organization/juniper-ridge'),
    await office.get<Organization>('Organization/alder-street-clinic'),
  ];
  const take = async (text: string): Promise<string> => {
    const reply = await office.http
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(text);
    expect([reply.status, reply.text.includes('x12-fault') ? reply.text : '']).toEqual([200, '']);
    return reply.text;
  };
  const found = async <T>(query: string): Promise<T[]> =>
    ((await office.get<Bundle>(query)).entry ?? []).map((e) => e.resource as T);
  const answers = (id: string) =>
    found<CoverageEligibilityResponse>(
      `CoverageEligibilityResponse?request=CoverageEligibilityRequest/${id}`,
    );
  const reviews = (id: string) =>
    found<Task>(`Task?code=eligibility-review&focus=CoverageEligibilityRequest/${id}`);
  const ask = async (trace: string, over: Partial<Coverage> = {}): Promise<string> => {
    const one = request(trace);
    expect((await office.put(one)).status).toBeLessThan(300);
    const known = (await parties()).map((r) => (r.resourceType === 'Coverage' ? { ...r, ...over } : r));
    return numbered(answered(opened(), asked(one, known), '271'));
  };

  test('7 the simulated payer answers a 270 by its own enrolment, and the 271 becomes the answer to the request', async () => {
    const text = await take(await ask('ELIG-1'));
    const [response, ...more] = await answers('elig-1');
    expect(more).toEqual([]);
    expect(text).toContain(`CoverageEligibilityResponse/${response?.id ?? ''}`);
    expect(response).toMatchObject({
      ...{ outcome: 'complete', disposition: 'The coverage is active', created: '2026-06-05' },
      requestor: { reference: 'Organization/alder-street-clinic' },
      insurer: { reference: 'Organization/juniper-ridge' },
    });
    const [covered] = response?.insurance ?? [];
    expect([covered?.inforce, covered?.coverage.reference]).toEqual([true, 'Coverage/eligible']);
    // 1,500 a year, 212.40 of it used; 30 % of the rest; a copay of 25; J1745 needs an authorization
    const told = (covered?.item ?? []).map(({ benefit = [], term, authorizationRequired }) => [
      ...[benefit[0]?.type.coding?.at(-1)?.code, term?.coding?.at(-1)?.code ?? ''],
      benefit[0]?.allowedMoney?.value ?? benefit[0]?.allowedUnsignedInt ?? authorizationRequired,
    ]);
    expect(told).toEqual([
      ['1', '', undefined],
      ['C', '23', 1500],
      ['C', '29', 1287.6],
      ['G', '23', 4000],
      ['G', '29', 3737.6],
      ['A', '27', 30],
      ['B', '27', 25],
      ['1', '', true],
    ]);
    expect(await reviews('elig-1')).toEqual([]);
  });

  test('2 the same answer again, in another file too, is the same answer; another one is kept beside it', async () => {
    const text = await ask('ELIG-2');
    await take(text);
    await take(text);
    const [first] = await answers('elig-2');
    await take(numbered(text));
    expect((await answers('elig-2')).map((r) => [r.id, r.meta?.versionId])).toEqual([
      [first?.id, first?.meta?.versionId],
    ]);
    const other = numbered(text);
    await take(other.replace('*29*1287.6~', '*29*1100~'));
    expect(await answers('elig-2')).toHaveLength(2);
  });

  test('2 neighbour: a member who is not found is an answer that says so, and work for a person', async () => {
    await take(await ask('ELIG-3', { subscriberId: 'NOBODY1' }));
    const [response] = await answers('elig-3');
    expect([response?.outcome, response?.error?.[0]?.code.coding?.[0]?.code]).toEqual(['error', '75']);
    expect((await reviews('elig-3')).map((t) => [t.reasonCode?.text, t.owner?.reference])).toEqual([
      ['75', 'Organization/alder-street-clinic'],
      ['member', 'Organization/alder-street-clinic'],
    ]);
  });

  test('2 neighbour: an answer to no request, or about another person, is kept for a person and made nothing of', async () => {
    const text = await ask('ELIG-4');
    const stranger = text.replace('TRN*2*ELIG-4*', 'TRN*2*NEVER*').replaceAll('*11*ELIG-4*', '*11*NEVER*');
    expect(await take(stranger)).toContain('eligibility-unknown');
    const other = numbered(text)
      .replace('*19700505*', '*19801231*')
      .replace('*MI*JRH100871102', '*MI*JRH100442901');
    expect(await take(other)).toContain('eligibility-unknown');
    expect(await answers('elig-4')).toEqual([]);
    const tasks = await found<Task>('Task?code=inbound');
    expect(tasks.map((t) => t.description)).toEqual([
      'a 271 that came in is the answer to no request that is here: see to it by hand',
      'a 271 that came in speaks of another person than CoverageEligibilityRequest/elig-4: see to it by hand',
    ]);
  });

  test('2 neighbour: a plan that has ended is not in force, and somebody looks for another one', async () => {
    const text = (await ask('ELIG-5')).replace('~EB*1**30*', '~EB*6**30*').replace(/~EB\*1\*{10}Y[^~]*/, '');
    const count = Number(/~SE\*(\d+)\*/.exec(text)?.[1]) - 1;
    await take(text.replace(/~SE\*\d+\*/, `~SE*${count.toString()}*`));
    const [response] = await answers('elig-5');
    expect(response?.insurance?.[0]?.inforce).toBe(false);
    expect((await reviews('elig-5')).map((t) => t.reasonCode?.text)).toEqual(['inactive']);
  });
});
