import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Bundle,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Organization,
  Patient,
  Resource,
} from '@medplum/fhirtypes';
import { readAnswer271 } from '../../../src/billing/eligibility/answer271.ts';
import { responseOf } from '../../../src/billing/eligibility/response.ts';
import { system } from '../../../src/terminology/system.ts';
import { faultsOf, readBytes, readTransactions } from '../../../src/x12/read.ts';
import { eachStore } from '../../http/eachStore.ts';
import { member, requestFor } from '../../office/eligibility/eligibilityOffice.ts';
import {
  clearinghouse,
  openPartnerOffice,
  until,
  type PartnerOffice,
} from '../../transport/partnerOffice.ts';
import { asker, file270 } from './provider.ts';

const [ada, coverage] = member('ada', 'JRH100871102');
/** A member whom the payer knows by a Coverage only. */
const [bea, held] = member('bea', 'JRH900000001');

describe.each(eachStore('acting-270'))('questions to a payer that is played here, on %s', (_store, open) => {
  let office: PartnerOffice;
  let payer: Organization;
  let last = 4000;
  beforeAll(async () => {
    office = await openPartnerOffice(open, { over: { payer: 'simulator' } });
    for (const resource of [clearinghouse(), ada, coverage, bea, held])
      expect((await office.put(resource)).status).toBeLessThan(300);
    payer = await office.get<Organization>('Organization/juniper-ridge');
  });
  afterAll(() => office.close());

  const question = (trace: string): CoverageEligibilityRequest =>
    requestFor('ada', {
      identifier: [{ system: system.trace, value: trace }],
      provider: { reference: `Organization/${asker.id}` },
    });
  const file = (trace: string, over: Partial<Patient> = {}, of = payer): string =>
    file270(++last, [question(trace)], [{ ...ada, ...over }, coverage, of, asker] as Resource[]);
  const answers = (trace: string): string[] =>
    office.sentTexts().filter((text) => text.includes(`~ST*271*`) && text.includes(`~TRN*2*${trace}*`));
  const answerTo = (trace: string): Promise<string> => until(() => answers(trace)[0]);
  const taken = (name: string): Promise<boolean> =>
    until(() => office.files('archive').some((one) => one.includes(name)));
  const found = async <T>(query: string): Promise<T[]> =>
    ((await office.get<Bundle>(query)).entry ?? []).map((e) => e.resource as T);

  test('1 a received 270 is answered by a 271 of the payer: it leaves by the transport of the partner, once', async () => {
    const text = file('ASK1');
    office.drop('ask1.x12', text);
    const answer = await answerTo('ASK1');
    expect(faultsOf(readTransactions(answer)).filter(({ refuses }) => refuses)).toEqual([]);
    expect(answer).toMatch(
      /^ISA\*00\* {10}\*00\* {10}\*ZZ\*ALDER {10}\*ZZ\*ACMECH {9}\*.*\*0\*T\*:~GS\*HB\*/,
    );
    expect(answer).toContain('~BHT*0022*11*ASK1*');
    expect(answer).toMatch(/~EB\*1\*\*30\*\*juniper-ppo-1500~/);
    expect(answer).toContain('~EB*C*IND*30***23*1500~');
    expect(answer).toMatch(/~EB\*A\*IND\*30\*\*\*27\*\*0\.3~/);
    expect(answer).toMatch(/~EB\*1\*{10}Y\*\*HC:J1745~/);
    await taken('ask1');
    office.drop('ask1-again.x12', text);
    await taken('ask1-again');
    expect(answers('ASK1')).toHaveLength(1);
  });

  test('1 what the 271 says is what the stored CoverageEligibilityResponse says', async () => {
    office.drop('ask2.x12', file('ASK2'));
    const answer = await answerTo('ASK2');
    const [request] = await found<CoverageEligibilityRequest & { id: string }>(
      `CoverageEligibilityRequest?identifier=${system.trace}|ASK2`,
    );
    const [stored] = await found<CoverageEligibilityResponse>(
      `CoverageEligibilityResponse?request=CoverageEligibilityRequest/${request?.id ?? ''}`,
    );
    const [unit] = [...readBytes(Buffer.from(answer))].flatMap((part) =>
      part.kind === 'unit' ? [part] : [],
    );
    const [read] = unit ? readAnswer271(unit) : [];
    expect(request && read && stored).toBeTruthy();
    if (!request || !read) return;
    const told = responseOf(request, read, { place: 'x', on: '2026-11-24' });
    const said = (response: CoverageEligibilityResponse | undefined): unknown =>
      response?.insurance?.[0]?.item?.map((item) => ({ ...item, extension: undefined }));
    expect(said(told)).toEqual(said(stored));
    expect(told.insurance?.[0]?.inforce).toBe(true);
  });

  test('1 taken up once more after a crash: the same request, the same answer, one 271', async () => {
    office.drop('ask3.x12', file('ASK3'));
    await answerTo('ASK3');
    const [request] = await found<CoverageEligibilityRequest & { id: string }>(
      `CoverageEligibilityRequest?identifier=${system.trace}|ASK3`,
    );
    const { store } = office.context;
    const jobs = (await found<Resource>('Binary')).map(({ id = '' }) => `x12-received|Binary/${id}`);
    for (const key of jobs) {
      const job = await store.jobs.read(key);
      if (!job) continue;
      await store.transaction(async (tx) => {
        await tx.jobs.enqueue({ kind: job.kind, payload: job.payload, key: `again|${key}`, due: 0 });
      });
      await until(async () => (await store.jobs.read(`again|${key}`))?.state === 'done');
    }
    expect(jobs.length).toBeGreaterThan(0);
    expect(answers('ASK3')).toHaveLength(1);
    expect(
      await found(`CoverageEligibilityResponse?request=CoverageEligibilityRequest/${request?.id ?? ''}`),
    ).toHaveLength(1);
  });

  test('1 neighbour: a member of another name, of another birth date, and no member are answered alike', async () => {
    const ask = (trace: string, over: Partial<Patient>, number = 'JRH900000001'): void => {
      const of = requestFor('bea', { ...question(trace), ...pointers });
      const parties = [{ ...bea, ...over }, { ...held, subscriberId: number }, payer, asker] as Resource[];
      office.drop(`${trace}.x12`, file270(++last, [of], parties));
    };
    const pointers = {
      patient: { reference: 'Patient/bea' },
      insurance: [{ focal: true, coverage: { reference: 'Coverage/bea' } }],
    };
    ask('SAME', {});
    expect(await answerTo('SAME')).toContain('~EB*1**30*');
    ask('ELSE1', { birthDate: '1971-01-01' });
    ask('ELSE2', { name: [{ family: 'Other', given: ['Ada'] }] });
    ask('ELSE4', {}, 'JRH900000002');
    for (const trace of ['ELSE1', 'ELSE2', 'ELSE4']) {
      const answer = await answerTo(trace);
      expect(answer).toContain('~AAA*N**75*C~');
      expect(answer).not.toContain('~EB*');
      expect(faultsOf(readTransactions(answer)).filter(({ refuses }) => refuses)).toEqual([]);
    }
  });

  test('1 neighbour: a payer that nobody plays here is a Task, and gets no answer', async () => {
    const other = { ...payer, identifier: [{ system: system.payerId, value: 'NOBODY9' }] };
    const { text } = await office.http
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(file('ELSE3', {}, other));
    expect(text).toContain('set-unhandled');
    expect((await office.tasks('inbound')).map((t) => t.description)).toContainEqual(
      expect.stringContaining('nobody answers for here'),
    );
    expect(answers('ELSE3')).toEqual([]);
  });

  test('1 neighbour: handed in by $process-x12: the 271 is in the answer, and goes to the partner of its ids', async () => {
    const { status, text } = await office.http
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(file('ASK4'));
    const made = ((JSON.parse(text) as Bundle).entry ?? []).flatMap(({ resource }) =>
      resource?.resourceType === 'Binary' ? [Buffer.from(resource.data ?? '', 'base64').toString()] : [],
    );
    expect([status, made.filter((one) => one.includes('~ST*271*')).length]).toEqual([200, 1]);
    expect(await answerTo('ASK4')).toBe(made.find((one) => one.includes('~ST*271*')));
  });
});
