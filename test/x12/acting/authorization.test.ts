import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Claim, ClaimResponse, Organization, Resource } from '@medplum/fhirtypes';
import { readAnswer278 } from '../../../src/billing/authorization/answer278.ts';
import { decidedBy } from '../../../src/billing/authorization/decided.ts';
import { reviewsOf } from '../../../src/billing/authorization/review.ts';
import { system } from '../../../src/terminology/system.ts';
import { faultsOf, readBytes, readTransactions } from '../../../src/x12/read.ts';
import { eachStore } from '../../http/eachStore.ts';
import { member } from '../../office/eligibility/eligibilityOffice.ts';
import {
  clearinghouse,
  openPartnerOffice,
  until,
  type PartnerOffice,
} from '../../transport/partnerOffice.ts';
import { asker, file278 } from './provider.ts';

const [ada, coverage] = member('ada', 'JRH100871102');

const request = (trace: string, ...codes: readonly string[]): Claim => ({
  ...{ resourceType: 'Claim', status: 'active', use: 'preauthorization' },
  identifier: [{ system: system.trace, value: trace }],
  type: { coding: [{ system: system.claimType, code: 'professional' }] },
  patient: { reference: 'Patient/ada' },
  created: '2026-11-24',
  insurer: { reference: 'Organization/juniper-ridge' },
  provider: { reference: `Organization/${asker.id}` },
  priority: { coding: [{ code: 'normal' }] },
  diagnosis: [
    { sequence: 1, diagnosisCodeableConcept: { coding: [{ system: system.icd10cm, code: 'M17.11' }] } },
  ],
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/ada' } }],
  item: codes.map((code, i) => ({
    sequence: i + 1,
    category: { coding: [{ system: system.x12ServiceType, code: '2' }] },
    productOrService: { coding: [{ system: system.hcpcs, code }] },
    servicedDate: '2026-12-20',
    locationCodeableConcept: { coding: [{ system: system.placeOfService, code: '11' }] },
    quantity: { value: 2 },
    net: { value: 150.5, currency: 'USD' },
  })),
});

describe.each(eachStore('acting-278'))('requests to a payer that is played here, on %s', (_store, open) => {
  let office: PartnerOffice;
  let payer: Organization;
  let last = 7000;
  beforeAll(async () => {
    office = await openPartnerOffice(open, { over: { payer: 'simulator' } });
    for (const resource of [clearinghouse(), ada, coverage])
      expect((await office.put(resource)).status).toBeLessThan(300);
    payer = await office.get<Organization>('Organization/juniper-ridge');
  });
  afterAll(() => office.close());

  const file = (claim: Claim, { asks = false, number = 'JRH100871102', of = payer } = {}): string => {
    const resources = [ada, { ...coverage, subscriberId: number }, of, asker] as Resource[];
    return file278(++last, claim, { resources, asks });
  };
  const answers = (trace: string): string[] =>
    office.sentTexts().filter((text) => text.includes('~ST*278*') && text.includes(`*11*${trace}*`));
  const answerTo = (trace: string): Promise<string> => until(() => answers(trace)[0]);
  const sound = (text: string): unknown => faultsOf(readTransactions(text)).filter(({ refuses }) => refuses);
  const found = async <T>(query: string): Promise<T[]> =>
    ((await office.get<Bundle>(query)).entry ?? []).map((e) => e.resource as T);
  const stored = async (trace: string): Promise<(Claim & { id: string })[]> =>
    found<Claim & { id: string }>(`Claim?identifier=${system.trace}|${trace}`);

  test('1 a received 278 is decided by the payer and answered by a 278, once', async () => {
    const text = file(request('PAX1', 'J1745', 'Z9999'));
    office.drop('pax1.x12', text);
    const answer = await answerTo('PAX1');
    expect(sound(answer)).toEqual([]);
    expect(answer).toMatch(/~TRN\*2\*PAX1-1\*1998877665~HCR\*A1\*[0-9A-F]{10}~/);
    expect(answer).toContain('~TRN*2*PAX1-2*1998877665~HCR*A3**86~');
    const [claim] = await stored('PAX1');
    const [response] = await found<ClaimResponse>(`ClaimResponse?request=Claim/${claim?.id ?? ''}`);
    const [unit] = [...readBytes(Buffer.from(answer))].flatMap((part) =>
      part.kind === 'unit' ? [part] : [],
    );
    const [read] = unit ? readAnswer278(unit) : [];
    if (!claim || !response || !read) throw new Error('nothing was kept, or nothing said');
    const told = decidedBy(claim, read, { place: 'x', on: '2026-11-24', trace: 'PAX1' });
    const said = (one: ClaimResponse): unknown =>
      reviewsOf(one)
        .filter(({ sequence }) => sequence !== undefined)
        .map(({ sequence, action, number }) => [sequence, action, number]);
    expect(said(told)).toEqual(said(response));
    office.drop('pax1-again.x12', text);
    await until(() => office.files('archive').some((one) => one.includes('pax1-again')));
    expect([answers('PAX1').length, (await stored('PAX1')).length]).toEqual([1, 1]);
  });

  test('1 a received X215 is answered with what stands; of somebody else, it says nothing', async () => {
    const claim = request('PAX2', 'J1745');
    office.drop('pax2.x12', file(claim));
    const number = /~HCR\*A1\*([0-9A-F]{10})~/.exec(await answerTo('PAX2'))?.[1] ?? 'none';
    office.drop('pax2-asks.x12', file(claim, { asks: true }));
    const told = await until(() => answers('PAX2').find((text) => text.includes('*005010X215~')));
    expect(sound(told)).toEqual([]);
    expect(told).toContain(`~HCR*A1*${number}~`);
    office.drop('pax3-asks.x12', file(request('PAX3', 'J1745'), { asks: true }));
    const none = await answerTo('PAX3');
    expect(none).toContain('~AAA*N**33*C~');
    expect(none).not.toContain('~HCR*');
    expect(await stored('PAX3')).toEqual([]);
  });

  test('1 neighbour: of a member that the payer does not have nothing is kept', async () => {
    office.drop('pax4.x12', file(request('PAX4', 'J1745'), { number: 'JRH999999999' }));
    const answer = await answerTo('PAX4');
    expect([sound(answer), answer.includes('~AAA*N**75*C~')]).toEqual([[], true]);
    expect(await stored('PAX4')).toEqual([]);
  });

  test('1 neighbour: a payer that nobody plays here is a Task, and gets no answer', async () => {
    const of = { ...payer, identifier: [{ system: system.payerId, value: 'NOBODY9' }] };
    const { text } = await office.http
      .post('/fhir/$process-x12')
      .set('Content-Type', 'application/EDI-X12')
      .send(file(request('PAX5', 'J1745'), { of }));
    expect(text).toContain('nobody decides on those here');
    expect([answers('PAX5'), await stored('PAX5')]).toEqual([[], []]);
  });

  test('1 neighbour: a pended request is answered with A4', async () => {
    const [bea, held] = member('bea', 'FORCEDPENDED');
    for (const resource of [bea, held]) expect((await office.put(resource)).status).toBeLessThan(300);
    const claim = {
      ...request('PAX6', 'J1745'),
      patient: { reference: 'Patient/bea' },
      insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/bea' } }],
    };
    const resources = [bea, held, payer, asker] as Resource[];
    office.drop('pax6.x12', file278(++last, claim, { resources }));
    const answer = await answerTo('PAX6');
    expect([sound(answer), /~HCR\*A4\*/.test(answer)]).toEqual([[], true]);
  });
});
