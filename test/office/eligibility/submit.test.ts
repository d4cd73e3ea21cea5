import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CoverageEligibilityRequest, OperationOutcome } from '@medplum/fhirtypes';
import { system } from '../../../src/terminology/system.ts';
import { eachStore } from '../../http/eachStore.ts';
import { until } from '../../until.ts';
import {
  eligibilityOffice,
  member,
  payer,
  requestFor,
  resultOf,
  wordsOf,
  type Answer,
  type EligibilityOffice,
} from './eligibilityOffice.ts';

const codesIn = (text: string): (string | undefined)[] =>
  (JSON.parse(text) as OperationOutcome).issue.map((issue) => issue.details?.coding?.[0]?.code);

describe.each(eachStore('eligibility-submit'))(
  '1 eligibility is asked of the simulator, on %s',
  (_store, open) => {
    let office: EligibilityOffice;
    beforeAll(async () => {
      office = await eligibilityOffice(open);
      await office.has(...member('ada', 'JRH100871102'), ...member('silent', 'FORCEDSILENT1'));
      await office.has(...member('vague', 'FORCEDVAGUE1'), ...member('ended', 'FORCEDENDED1'));
    });
    afterAll(() => office.store.close());
    const last = (id: string): Promise<Answer[]> =>
      office.found<Answer>(`CoverageEligibilityResponse?request.patient=Patient/${id}`);

    test('1 active or not, plan, copay, deductible and limit with what remains, and authorisation, coded and in words', async () => {
      const { status, body } = await office.ask(requestFor('ada'));
      expect([status, body.outcome, resultOf(body), body.created]).toEqual([
        200,
        'complete',
        'active',
        '2026-11-24',
      ]);
      expect(body.insurance?.[0]).toMatchObject({ inforce: true, coverage: { reference: 'Coverage/ada' } });
      expect(wordsOf(body)).toEqual([
        'The coverage is active.',
        'Plan: juniper-ppo-1500.',
        'Deductible: $1,500.00.',
        'Deductible, still to be met: $1,287.60.',
        'Most that the patient pays in a year: $4,000.00.',
        expect.stringContaining('Most that the patient pays in a year, still to be met: $3,'),
        'Coinsurance: the patient pays 30 %.',
        'Copay for office visits: $25.00.',
        'Covered: service J1745.',
        'Authorization is needed for service J1745.',
      ]);
      expect(
        body.insurance?.[0]?.item?.map(({ authorizationRequired }) => authorizationRequired).at(-1),
      ).toBe(true);
    });

    test('1 neighbour: the same request again is the same answer; a new request is another answer beside it', async () => {
      const first = await office.ask(requestFor('ada'));
      const again = await office.ask(requestFor('ada'));
      expect([again.body.id, again.body.meta?.versionId]).toEqual([
        first.body.id,
        first.body.meta?.versionId,
      ]);
      const other = await office.ask(requestFor('ada', { servicedDate: '2026-11-26' }));
      expect(other.body.id).not.toBe(first.body.id);
      const instance = await office.run(`${first.body.request.reference ?? ''}/$submit`);
      expect(instance.one<Answer>().id).toBe(first.body.id);
    });

    test('1 three results are told apart: active, inactive, not answered', async () => {
      const ended = await office.ask(requestFor('ended'));
      const vague = await office.ask(requestFor('vague'));
      const silent = await office.ask(requestFor('silent'));
      expect([ended, vague, silent].map(({ body }) => [resultOf(body), wordsOf(body)[0]])).toEqual([
        ['inactive', 'The coverage is not active.'],
        ['not-answered', 'The payer has not said whether the coverage is active.'],
        ['not-answered', 'The payer has not said whether the coverage is active.'],
      ]);
      expect(silent.body.error?.[0]?.code.coding?.[0]?.code).toBe('42');
      // asked again by itself, so no Task yet; of what ended there is one at once
      const focus = silent.body.request.reference ?? '';
      expect(await office.tasks('eligibility-unanswered', focus)).toEqual([]);
      expect(await office.tasks('eligibility-review', ended.body.request.reference ?? '')).toHaveLength(1);
    });

    test.each([
      [
        'a coverage of somebody else',
        { insurance: [{ focal: true, coverage: { reference: 'Coverage/ended' } }] },
        'coverage-of-other-patient',
      ],
      ['no coverage', { insurance: undefined }, 'coverage-missing'],
      ['a payer who is not here', { insurer: { reference: 'Organization/nobody' } }, 'payer-unknown'],
      [
        'another payer than the coverage',
        { insurer: { reference: 'Organization/alder-street-clinic' } },
        'coverage-of-other-payer',
      ],
    ] as const)(
      '1 neighbour: %s is refused with its code, and nothing is asked',
      async (_what, over, code) => {
        const given = requestFor('ada', over as unknown as Partial<CoverageEligibilityRequest>);
        const { status, text } = await office.ask(given);
        expect([status, codesIn(text)]).toEqual([422, expect.arrayContaining([code])]);
      },
    );

    test('1 no payer is told of a day whose visit the patient pays himself by Consent', async () => {
      await office.has(...member('private', 'JRH100871102'));
      await office.has({
        ...({ resourceType: 'Encounter', id: 'private', status: 'planned' } as const),
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
        subject: { reference: 'Patient/private' },
        period: { start: '2026-11-25T09:00:00-05:00' },
        serviceProvider: { reference: 'Organization/alder-street-clinic' },
      });
      await office.has({
        ...({ resourceType: 'Consent', id: 'private', status: 'active' } as const),
        scope: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
        },
        category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
        patient: { reference: 'Patient/private' },
        policyRule: { coding: [{ system: system.consentPolicy, code: 'hipaa-self-pay' }] },
        provision: { data: [{ meaning: 'instance', reference: { reference: 'Encounter/private' } }] },
      });
      const refused = await office.ask(requestFor('private'));
      expect([refused.status, codesIn(refused.text)]).toEqual([422, ['hipaa-self-pay']]);
      const other = await office.ask(requestFor('private', { servicedDate: '2026-11-27' }));
      expect(other.status).toBe(200);
      expect(await last('private')).toHaveLength(1);
    });

    test('1 neighbour: a trial asks nobody to keep anything', async () => {
      await office.has({ ...requestFor('ada', { servicedDate: '2026-12-01' }), id: 'trial' });
      const trial = await office.run('CoverageEligibilityRequest/trial/$submit', [
        { name: 'dryRun', valueBoolean: true },
      ]);
      expect([trial.status, resultOf(trial.one<Answer>())]).toEqual([200, 'active']);
      expect(
        await office.found(`CoverageEligibilityResponse?request=CoverageEligibilityRequest/trial`),
      ).toEqual([]);
    });

    test('1 neighbour: an answer stands in the books: a plain write does not change it', async () => {
      const { body } = await office.ask(requestFor('ada', { servicedDate: '2026-12-02' }));
      const { status } = await office.put({ ...body, outcome: 'error' });
      expect(status).toBe(409);
    });

    test('1 neighbour: within a transaction nobody waits: the answer is queued, and filled in later', async () => {
      await office.has({ ...requestFor('ada', { servicedDate: '2026-12-03' }), id: 'part' });
      const sent = await office.http
        .post('/fhir')
        .set('Content-Type', 'application/fhir+json')
        .send(
          JSON.stringify({
            resourceType: 'Bundle',
            type: 'transaction',
            entry: [{ request: { method: 'POST', url: 'CoverageEligibilityRequest/part/$submit' } }],
          }),
        );
      expect(sent.status).toBe(200);
      const queued = JSON.parse(sent.text) as { entry: { resource: Answer }[] };
      expect(queued.entry[0]?.resource.outcome).toBe('queued');
      const instance = await office.run('CoverageEligibilityRequest/part/$submit');
      const filled = await until(async () => {
        const one = await office.get<Answer>(
          `CoverageEligibilityResponse/${queued.entry[0]?.resource.id ?? ''}`,
        );
        return one.outcome === 'complete' && one;
      });
      expect([filled.id, resultOf(filled)]).toEqual([instance.one<Answer>().id, 'active']);
    });

    test('1 neighbour: a Bundle with a request and parties is answered, and makes nothing on a chart', async () => {
      const [patient, coverage] = member('foreign', 'JRH100871102', {
        payor: [{ reference: 'Organization/x' }],
      });
      const insurer = {
        resourceType: 'Organization',
        id: 'x',
        identifier: [{ system: system.payerId, value: 'JR001' }],
      };
      const own = await office.get(payer);
      const number = (own as unknown as { identifier: { system: string; value: string }[] }).identifier.find(
        (i) => i.system === system.payerId,
      )?.value;
      const entry = [
        requestFor('foreign', { insurer: { reference: 'Organization/x' } }),
        patient,
        coverage,
        { ...insurer, identifier: [{ system: system.payerId, value: number }] },
      ].map((resource) => ({ resource }));
      const { status, body, text } = await office.ask({
        resourceType: 'Bundle',
        type: 'collection',
        entry,
      } as never);
      expect([status, status === 200 ? resultOf(body) : text]).toEqual([200, 'active']);
      expect(body.contained?.map(({ resourceType }) => resourceType)).toEqual(
        expect.arrayContaining(['Patient', 'Coverage', 'Organization']),
      );
      expect((await office.http.get('/fhir/Patient/foreign')).status).toBe(404);
    });
  },
);
