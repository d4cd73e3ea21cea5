import type {
  ClaimResponse,
  ExplanationOfBenefit,
  ExplanationOfBenefitItemAdjudication,
} from '@medplum/fhirtypes';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { breakdown } from '../../../src/billing/explanation/breakdown.ts';
import { explain } from '../../../src/billing/explanation/explain.ts';
import type { Adjusted } from '../../../src/datatypes/adjudication.ts';
import { cents, sum } from '../../../src/datatypes/cents.ts';
import { answer } from '../../../src/payer/answer.ts';
import { c4bbFaults } from '../../conformance/c4bb.ts';
import { system } from '../../../src/terminology/system.ts';
import { validateResource } from '../../../src/validation/validate.ts';
import {
  claimOf,
  coverageOf,
  enrollmentOf,
  planNamed,
  story1,
  story10,
  story2,
  story3,
  story4,
  story5,
  story7First,
  story7Second,
  story9Ambulance,
  story9Stay,
  type Story,
} from '../../payer/stories.ts';

function respond(story: Story, priors: ClaimResponse[] = [], claim = claimOf(story)): ClaimResponse {
  const question = { claim, coverage: coverageOf(story), priors, satisfied: false, answeredOn: '2026-09-10' };
  const records = { plan: planNamed(story.plan), enrollment: enrollmentOf(story.member), duplicate: false };
  return { id: 'r', ...answer(question, records).response };
}
function explained(story: Story, priors: ClaimResponse[] = [], claim = claimOf(story)): ExplanationOfBenefit {
  const eob = explain({ claim, response: respond(story, priors, claim), priors });
  const stored = { ...eob, id: 'e', meta: { ...eob.meta, lastUpdated: '2026-09-10T12:00:00Z' } }; // as the store has it
  expect(c4bbFaults(stored)).toEqual([]);
  expect(validateResource(stored)).toEqual([]);
  return eob;
}
const totals = (eob: ExplanationOfBenefit): Record<string, number> =>
  Object.fromEntries(
    eob.total?.map((t) => [t.category.coding?.[0]?.code ?? '', t.amount.value ?? NaN]) ?? [],
  );
const codes = (entries: ExplanationOfBenefitItemAdjudication[] | undefined): (string | undefined)[] =>
  entries?.map((e) => e.category.coding?.[0]?.code) ?? [];
const reasonsOf = (entries: ExplanationOfBenefitItemAdjudication[] | undefined): (string | undefined)[] =>
  entries
    ?.filter((e) => e.category.coding?.[0]?.code === 'adjustmentreason')
    .map((e) => e.reason?.coding?.[0]?.code) ?? [];

const order = [
  'submitted',
  'eligible',
  'discount',
  'noncovered',
  'deductible',
  'coinsurance',
  'copay',
  'priorpayerpaid',
  'paidtoprovider',
  'memberliability',
] as const;

// The table of the stories' explanation totals, dollars.
test.each<[string, Story, number[], string]>([
  ['1', story1, [246.4, 174.92, 71.48, 0, 0, 0, 25, 0, 149.92, 25], 'paid'],
  ['2', story2, [1160.25, 732.35, 427.9, 0, 610.48, 0, 25, 0, 96.87, 635.48], 'paid'],
  ['3', story3, [1654.45, 931.89, 722.56, 0, 0, 103.54, 25, 0, 803.35, 128.54], 'paid'],
  ['4', story4, [3964.5, 0, 0, 3964.5, 0, 0, 0, 0, 0, 0], 'denied'],
  ['5', story5, [198.15, 0, 0, 198.15, 0, 0, 0, 0, 0, 198.15], 'denied'],
  ['7 first', story7First, [2127.55, 1251.53, 876.02, 0, 0, 250.3, 0, 0, 1001.23, 250.3], 'paid'],
  ['7 second', story7Second, [2127.55, 1251.53, 876.02, 0, 0, 0, 0, 1001.23, 250.3, 0], 'paid'],
  ['9a', story9Stay, [8610.41, 6248.17, 2362.24, 0, 1676, 0, 0, 0, 4572.17, 1676], 'paid'],
  ['9b', story9Ambulance, [1020.55, 589.28, 431.27, 0, 147.92, 88.27, 0, 0, 353.09, 236.19], 'paid'],
  ['10', story10, [592.2, 354.84, 237.36, 0, 87.65, 43.61, 25, 0, 198.58, 156.26], 'paid'],
])('the explanation of story %s has its totals', (name, story, expected, payment) => {
  const eob = explained(story, name === '7 second' ? [respond(story7First)] : []);
  const found = totals(eob);
  expect(order.map((code) => found[code] ?? 0)).toEqual(expected);
  expect(Object.keys(found)).toEqual(
    expect.arrayContaining(['submitted', 'eligible', 'paidtoprovider', 'memberliability']),
  );
  expect(eob.payment?.type?.coding?.[0]).toEqual({ system: system.c4bbStatus, code: payment });
  expect(eob.outcome).toBe('complete');
});

describe('a professional explanation', () => {
  test('names profile, payer claim number and payee', () => {
    const eob = explained(story1);
    expect(eob.meta?.profile).toEqual([
      'http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-ExplanationOfBenefit-Professional-NonClinician|2.0.0',
    ]);
    expect(eob.identifier?.[0]).toMatchObject({
      type: { coding: [{ system: system.c4bbIdentifierType, code: 'uc' }] },
      value: 'ICNPCNJRH100234501',
    });
    expect(eob.payee?.party?.reference).toBe('Organization/alder-street-clinic');
    expect(eob.claim?.reference).toBe('Claim/claim-jrh100234501');
    expect(eob.claimResponse?.reference).toBe('ClaimResponse/r');
  });

  test('shows one reason a line: the denial, else CO-45, else the largest share', () => {
    expect(explained(story2).item?.map((i) => reasonsOf(i.adjudication))).toEqual([['45'], ['45'], ['45']]);
    expect(explained(story5).item?.map((i) => reasonsOf(i.adjudication))).toEqual([['27'], ['27']]);
    const cheap: Story = { ...story10, rows: [['L4361', 1, 100, 0, 0, '']] };
    expect(explained(cheap).item?.map((i) => reasonsOf(i.adjudication))).toEqual([['1']]);
  });

  test('has exactly one benefit payment status on every line and the network in the header', () => {
    const eob = explained(story3);
    for (const item of eob.item ?? []) {
      expect(codes(item.adjudication).filter((c) => c === 'benefitpaymentstatus')).toHaveLength(1);
    }
    expect(codes(eob.adjudication)).toEqual(['billingnetworkstatus', 'renderingnetworkstatus']);
  });

  test('says what the patient paid before without lowering what the member owes', () => {
    const paid = {
      sequence: 7,
      category: { coding: [{ system: system.supportingInfo, code: 'patient-paid' }] },
      valueQuantity: { value: 25, code: 'USD', system: system.currency },
    };
    const eob = explained(story10, [], claimOf(story10, { supportingInfo: [paid] }));
    expect(totals(eob)).toMatchObject({ paidbypatient: 25, memberliability: 156.26 });
    expect(eob.supportingInfo?.map((s) => s.category.coding?.[0]?.code)).toEqual(['clmrecvddate']);
    expect(eob.supportingInfo?.[0]?.timingDate).toBe('2026-06-10');
  });

  test('knows principal and secondary diagnoses only', () => {
    const claim = claimOf(story10);
    const external = { coding: [{ system: system.c4bbDiagnosisType, code: 'externalcauseofinjury' }] };
    claim.diagnosis?.push({
      sequence: 2,
      diagnosisCodeableConcept: { coding: [{ system: system.icd10cm, code: 'W01.0XXA' }] },
      type: [external],
    });
    const types = explained(story10, [], claim).diagnosis?.map((d) => [
      d.sequence,
      d.type?.[0]?.coding?.[0]?.code,
    ]);
    expect(types).toEqual([
      [1, 'principal'],
      [2, 'secondary'],
    ]);
  });
});

describe('an institutional explanation', () => {
  test('of an outpatient visit has amounts and every reason on the lines, the status in the header', () => {
    const eob = explained(story7First);
    expect(eob.meta?.profile?.[0]).toMatch(/Outpatient-Institutional\|2\.0\.0$/);
    expect(eob.item?.map((i) => reasonsOf(i.adjudication))).toEqual([
      ['45', '2'],
      ['45', '2'],
      ['45', '2'],
    ]);
    expect(codes(eob.adjudication)).toEqual(['benefitpaymentstatus', 'billingnetworkstatus']);
  });

  test('of a case rate has its amounts in the header and no adjudication on the items', () => {
    const claim = claimOf(story9Stay);
    const first = claim.diagnosis?.[0];
    first?.type?.push({ coding: [{ system: system.diagnosisType, code: 'admitting' }] });
    if (first) first.onAdmission = { coding: [{ system: system.presentOnAdmission, code: 'Y' }] };
    const eob = explained(story9Stay, [], claim);
    expect(eob.meta?.profile?.[0]).toMatch(/Inpatient-Institutional\|2\.0\.0$/);
    expect(eob.item?.every((i) => i.adjudication === undefined)).toBe(true);
    expect(codes(eob.adjudication)).toEqual(
      expect.arrayContaining(['benefitpaymentstatus', 'submitted', 'paidtoprovider']),
    );
    expect(reasonsOf(eob.adjudication)).toEqual(['45', '1']);
    expect(eob.item?.[0]?.productOrService.coding?.[0]).toMatchObject({
      system: system.dataAbsentReason,
      code: 'not-applicable',
    });
    expect(eob.item?.[1]?.productOrService.coding?.[0]).toEqual({ system: system.hcpcs, code: 'J1956' });
    expect(
      eob.diagnosis?.map((d) => [d.sequence, d.type?.[0]?.coding?.[0]?.code, d.onAdmission !== undefined]),
    ).toEqual([
      [1, 'principal', true],
      [2, 'admitting', true],
    ]);
    expect(eob.supportingInfo?.map((s) => s.category.coding?.[0]?.code)).toEqual([
      'drg',
      'admissionperiod',
      'clmrecvddate',
    ]);
  });
});

test('the amounts of any line agree with each other', () => {
  const reason = fc.constantFrom('1', '2', '3', '45', '59', '253', '197', '204', '27', '275', '50');
  const group = fc.constantFrom('CO' as const, 'PR' as const, 'PI' as const);
  const adjusted = fc.record({ group, reason, amount: fc.nat(100000).map(cents) });
  fc.assert(
    fc.property(
      fc.array(adjusted, { maxLength: 5 }),
      fc.nat(100000),
      fc.option(fc.tuple(fc.nat(50000), fc.nat(50000))),
      (list, paid, prior) => {
        const settled: Adjusted[] = prior
          ? [{ group: 'OA', reason: '23', amount: cents(prior[0] + prior[1]) }]
          : [];
        const adjustments = [...list, ...settled];
        const submitted = sum([cents(paid), ...adjustments.map((a) => a.amount)]);
        const line = { submitted, allowed: cents(paid), paid: cents(paid), adjustments };
        const b = breakdown(line, cents(prior?.[0] ?? 0));
        expect(b.eligible + b.discount + b.noncovered).toBe(b.submitted);
        expect(b.paidtoprovider + b.priorpayerpaid + b.deductible + b.coinsurance + b.copay).toBe(b.eligible);
        expect(b.memberliability).toBe(sum(list.filter((a) => a.group === 'PR').map((a) => a.amount)));
        for (const value of Object.values(b)) expect(value).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});
