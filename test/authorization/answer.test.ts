import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Claim, ClaimResponse, Coverage, Organization, Patient, Task } from '@medplum/fhirtypes';
import { pasExtension } from '../../src/terminology/pas.ts';
import { system } from '../../src/terminology/system.ts';
import { faultsOf, readTransactions } from '../../src/x12/read.ts';
import { answered, numbered, opened } from '../eligibility/payerAnswers.ts';
import { openSender, type Sender } from '../firm/payerAtTheEnd.ts';
import { eachStore } from '../http/eachStore.ts';
import { askedFor } from './ask.ts';

const patient: Patient & { id: string } = {
  ...{ resourceType: 'Patient', id: 'authorized', birthDate: '1970-05-05', gender: 'female' },
  name: [{ family: 'Marlow', given: ['Ada'] }],
};
const coverage = (member: string): Coverage & { id: string } => ({
  ...{ resourceType: 'Coverage', id: 'authorized', status: 'active', subscriberId: member },
  relationship: { coding: [{ system: system.subscriberRelationship, code: 'self' }] },
  subscriber: { reference: 'Patient/authorized' },
  beneficiary: { reference: 'Patient/authorized' },
  payor: [{ reference: 'Organization/juniper-ridge' }],
});
const request = (trace: string, ...codes: readonly string[]): Claim & { id: string } => ({
  ...{ resourceType: 'Claim', id: trace.toLowerCase(), status: 'active', use: 'preauthorization' },
  identifier: [{ system: system.trace, value: trace }],
  type: { coding: [{ system: system.claimType, code: 'professional' }] },
  patient: { reference: 'Patient/authorized' },
  created: '2026-06-05',
  insurer: { reference: 'Organization/juniper-ridge' },
  provider: { reference: 'Organization/alder-street-clinic' },
  priority: { coding: [{ code: 'normal' }] },
  diagnosis: [
    { sequence: 1, diagnosisCodeableConcept: { coding: [{ system: system.icd10cm, code: 'M17.11' }] } },
  ],
  insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/authorized' } }],
  item: codes.map((code, i) => ({
    sequence: i + 1,
    category: { coding: [{ system: system.x12ServiceType, code: '2' }] },
    productOrService: { coding: [{ system: system.hcpcs, code }] },
    servicedDate: '2026-06-20',
    locationCodeableConcept: { coding: [{ system: system.placeOfService, code: '11' }] },
    quantity: { value: 2 },
    net: { value: 150.5, currency: 'USD' },
  })),
});

const actions = ({ item = [] }: ClaimResponse): unknown[] =>
  item.map(({ itemSequence, adjudication: [first] }) => {
    const parts = first?.extension?.find((e) => e.url === pasExtension.reviewAction)?.extension ?? [];
    const code = parts.find((e) => e.url === pasExtension.reviewActionCode)?.valueCodeableConcept;
    return [itemSequence, code?.coding?.[0]?.code, parts.find((e) => e.url === 'number')?.valueString];
  });

describe.each(eachStore('authorization'))(
  'what payers decide on prior authorizations, on %s',
  (_store, open) => {
    let office: Sender;
    beforeAll(async () => {
      office = await openSender(open);
      for (const resource of [patient, coverage('JRH100871102')])
        expect((await office.put(resource)).status).toBeLessThan(300);
    });
    afterAll(() => office.store.close());
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
    const answers = (id: string) => found<ClaimResponse>(`ClaimResponse?request=Claim/${id}`);
    const reviews = async (id: string) =>
      (await found<Task>(`Task?code=authorization-review&focus=Claim/${id}`)).map((t) => t.description);
    const ask = async (claim: Claim & { id: string }, member = 'JRH100871102'): Promise<string> => {
      const { status, text } = await office.put(claim);
      expect([status, status < 300 ? '' : text]).toEqual([expect.any(Number), '']);
      const parties = [
        ...[patient, coverage(member)],
        await office.get<Organization>('Organization/juniper-ridge'),
        await office.get<Organization>('Organization/alder-street-clinic'),
      ];
      const asked = askedFor(claim, parties);
      expect(faultsOf(readTransactions(asked)).filter(({ refuses }) => refuses)).toEqual([]);
      return numbered(answered(opened(), asked, '278'));
    };

    test('7 the simulated payer decides by its plan, and the 278 becomes a ClaimResponse as PAS has it', async () => {
      const text = await take(await ask(request('AUTH-1', 'J1745', 'T1015', 'Q9999')));
      const [response, ...more] = await answers('auth-1');
      expect(more).toEqual([]);
      expect(text).toContain(`ClaimResponse/${response?.id ?? ''}`);
      expect(response).toMatchObject({
        ...{ status: 'active', use: 'preauthorization', outcome: 'complete', created: '2026-06-05' },
        patient: { reference: 'Patient/authorized' },
        insurer: { reference: 'Organization/juniper-ridge' },
        requestor: { reference: 'Organization/alder-street-clinic' },
        disposition: 'Certified; No authorization is needed; Not certified',
      });
      if (!response) throw new Error('no answer');
      // J1745 needs an authorization and gets it, T1015 needs none, and the plan has no fee for Q9999
      expect(actions(response)).toEqual([
        [1, 'A1', 'JRH01A00000001'],
        [2, 'NA', undefined],
        [3, 'A3', undefined],
      ]);
      const [first, , third] = response.item ?? [];
      expect(first?.extension).toEqual(
        expect.arrayContaining([
          { url: pasExtension.issueDate, valueDate: '2026-06-05' },
          { url: pasExtension.period, valuePeriod: { start: '2026-06-05', end: '2026-09-03' } },
          { url: pasExtension.traceNumber, valueIdentifier: { value: 'AUTH-1-1' } },
        ]),
      );
      expect(first?.extension?.[0]?.valueString).toMatch(/^[0-9a-f]{12}\|0001\|\d+$/);
      expect(JSON.stringify(third?.adjudication)).toContain(
        JSON.stringify({ coding: [{ system: system.x12DecisionReason, code: '86' }] }),
      );
      expect(first?.adjudication[0]?.category.coding?.[0]?.code).toBe('submitted');
      expect(await reviews('auth-1')).toEqual([]);
    });

    test('2 what is pended is decided later: the next version of the same answer; a repeat changes nothing', async () => {
      const pended = await ask(request('AUTH-2', 'J1745'), 'FORCEDPENDED1');
      await take(pended);
      await take(numbered(pended));
      const [first] = await answers('auth-2');
      expect([first?.outcome, first?.disposition, first && actions(first), first?.meta?.versionId]).toEqual([
        'complete',
        'Pended',
        [[1, 'A4', undefined]],
        '1',
      ]);
      expect(first?.processNote?.[0]?.text).toBe('SEND THE DOCUMENTATION OF THE SERVICE');
      expect(await reviews('auth-2')).toEqual([
        'the payer has pended it and says why: see whether it needs something',
      ]);
      const later = pended
        .replace(/~BHT\*0007\*11\*AUTH-2\*20260605\*1300/, '~BHT*0007*11*AUTH-2*20260607*0900')

        .replace('~HCR*A4**90~', '~HCR*A1*NUM77~DTP*007*D8*20260607~')
        .replace('~MSG*SEND THE DOCUMENTATION OF THE SERVICE', '');
      await take(numbered(later));
      const [second, ...more] = await answers('auth-2');
      expect(more).toEqual([]);
      expect([second?.id, second?.meta?.versionId, second && actions(second)]).toEqual([
        first?.id,
        '2',
        [[1, 'A1', 'NUM77']],
      ]);
    });

    test('2 neighbour: an answer that was written before the one that is here changes nothing, and is told', async () => {
      const text = await ask(request('AUTH-3', 'J1745'));
      await take(text);
      const [before] = await answers('auth-3');
      await take(
        numbered(
          text
            .replace('*AUTH-3*20260605*1300', '*AUTH-3*20260601*0900')
            .replace(/~HCR\*A1\*[^~]*/, '~HCR*A4**90'),
        ),
      );
      expect(await answers('auth-3')).toEqual([before]);
      expect(await reviews('auth-3')).toEqual([
        'an answer to it came after a later one, and changes nothing: see whether it matters',
      ]);
    });

    test('2 neighbour: that a payer cannot answer takes back nothing that it has decided, and is told', async () => {
      await take(await ask(request('AUTH-9', 'J1745')));
      const [before] = await answers('auth-9');
      expect(before && actions(before)).toEqual([[1, 'A1', expect.any(String)]]);
      const refused = (await ask(request('AUTH-9', 'J1745'), 'NOBODY')).replace(
        /\*AUTH-9\*\d{8}\*\d{4}/,
        '*AUTH-9*20260609*0900',
      );
      expect(refused).toContain('~AAA*');
      await take(refused);
      expect(await answers('auth-9')).toEqual([before]);
      expect(await reviews('auth-9')).toEqual([
        'the payer says that it cannot answer what it has decided: its decision stays, ask it whether that holds',
      ]);
    });

    test('2 neighbour: a request that is not valid is answered with its reasons; of a stranger a person is told', async () => {
      await take(await ask(request('AUTH-4', 'J1745'), 'NOBODY'));
      const [response] = await answers('auth-4');
      expect([response?.outcome, response?.error]).toEqual([
        'error',
        [
          {
            extension: [
              {
                url: expect.stringContaining('x12-position') as unknown,
                valueString: expect.any(String) as unknown,
              },
              {
                url: pasExtension.followUp,
                valueCodeableConcept: { coding: [{ system: system.x12FollowUp, code: 'C' }] },
              },
            ],
            code: { coding: [{ system: system.x12RejectReason, code: '79' }] },
          },
        ],
      ]);
      expect(await reviews('auth-4')).toHaveLength(1);
      const stranger = (await ask(request('AUTH-5', 'J1745'))).replaceAll('AUTH-5', 'NEVER');
      expect(await take(stranger)).toContain('authorization-unknown');
      const other = (await ask(request('AUTH-6', 'J1745')))
        .replace('*19700505*', '*19801231*')
        .replace('*MI*JRH100871102', '*MI*JRH100442901');
      expect(await take(other)).toContain('authorization-unknown');
      expect([await answers('auth-5'), await answers('auth-6')]).toEqual([[], []]);
      expect((await found<Task>('Task?code=inbound')).map((t) => t.description)).toEqual([
        'a 278 that came in is the answer to no request that is here: see to it by hand',
        'a 278 that came in speaks of another person than Claim/auth-6: see to it by hand',
      ]);
    });

    test('2 neighbour: GET $x12 of a prior authorization is its 278', async () => {
      await office.put(request('AUTH-8', 'J1745'));
      const { status, text } = await office.http
        .get('/fhir/Claim/auth-8/$x12')
        .set('Accept', 'application/EDI-X12');
      expect([status, text]).toEqual([200, expect.stringContaining('~BHT*0007*13*AUTH-8*')]);
      expect(text).toContain('~SV1*HC:J1745*150.5*UN*2***1~');
    });

    test('2 neighbour: a request that comes in is for a payer, and a person is told', async () => {
      const parties = [
        ...[patient, coverage('JRH100871102')],
        await office.get<Organization>('Organization/juniper-ridge'),
        await office.get<Organization>('Organization/alder-street-clinic'),
      ];
      expect(await take(askedFor(request('AUTH-7', 'J1745'), parties))).toContain('set-unhandled');
      expect(await answers('auth-7')).toEqual([]);
    });
  },
);
