import type { Basic, Coverage, InsurancePlan } from '@medplum/fhirtypes';
import { describe, expect, test } from '@jest/globals';
import { cents } from '../../src/datatypes/cents.ts';
import { coveragePlan, memberIdOf, newEnrollment, usedOf, withUsed } from '../../src/payer/enrollment.ts';
import { defaultPlan, genericPlan } from '../../src/payer/genericPlan.ts';
import { readPlan } from '../../src/payer/plan.ts';
import { sameness } from '../../src/payer/received.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { claimOf, enrollments, insurancePlans, planNamed, story1, story10 } from './stories.ts';

describe('the demo plans', () => {
  test.each([...insurancePlans, ...enrollments].map((r) => [`${r.resourceType}/${r.id ?? ''}`, r] as const))(
    '%s is sound FHIR',
    (_name, resource) => {
      expect(validateResource(resource)).toEqual([]);
    },
  );

  test('Juniper PPO 1500 has deductible, limit, coinsurance, copay and its lists', () => {
    const plan = planNamed('juniper-ppo-1500');
    expect(plan).toMatchObject({
      id: 'juniper-ppo-1500',
      owner: 'juniper-ridge',
      deductible: 150000,
      limit: 400000,
      coinsurance: 3000,
      visitCopay: 2500,
      filing: [{ days: 180 }],
      coordination: 'standard',
    });
    expect(plan.visits).toEqual(new Set(['T1015']));
    expect(plan.preventive).toEqual(new Set(['Q2038', 'G0008']));
    expect(plan.authorization).toEqual(new Map([['J1745', new Set(['J7050'])]]));
    expect(plan.fees.size).toBe(16);
    expect(plan.percentOfCharge).toBeUndefined();
  });

  test('Senior Basic has an inpatient deductible, a case rate and no limit', () => {
    const plan = planNamed('senior-basic');
    expect(plan).toMatchObject({
      deductible: 25700,
      inpatientDeductible: 167600,
      coinsurance: 2000,
      inpatientCoinsurance: 0,
    });
    expect(plan.caseRates).toEqual(new Map([['194', 624817]]));
    expect(plan.limit).toBeUndefined();
  });

  test('Family Care has no cost share and asks for a document with S8101', () => {
    const plan = planNamed('family-care');
    expect(plan).toMatchObject({
      deductible: 0,
      coinsurance: 0,
      visitCopay: 0,
      documentation: new Set(['S8101']),
    });
    expect(plan.filing).toEqual([]);
  });
});

test('an amount finer than a cent in a plan is no amount', () => {
  const plan: InsurancePlan = structuredClone(insurancePlans[0] ?? { resourceType: 'InsurancePlan' });
  const fee = plan.plan?.[0]?.specificCost?.[0]?.benefit?.[0]?.cost?.[0];
  if (fee?.value) fee.value.value = 121.875;
  expect(readPlan(plan).fees.has('T1015')).toBe(false);
});

test('a generic plan allows a share of every charge', () => {
  const made = genericPlan({
    name: 'Somebody',
    identifier: 'somebody',
    ownedBy: 'Organization/s',
    percentOfCharge: 6500,
    coinsurance: 2000,
    deductible: cents(100000),
    limit: cents(500000),
  });
  expect(validateResource(made)).toEqual([]);
  expect(readPlan(made)).toMatchObject({
    id: 'somebody',
    owner: 's',
    percentOfCharge: 6500,
    coinsurance: 2000,
    deductible: 100000,
    limit: 500000,
  });
  expect(defaultPlan).toMatchObject({ percentOfCharge: 8000, coinsurance: 2000, deductible: 0 });
});

describe('the payer knows a member', () => {
  const coverage: Coverage = {
    resourceType: 'Coverage',
    status: 'active',
    beneficiary: { reference: 'Patient/nora-whitfield' },
    payor: [{ reference: 'Organization/o' }],
    subscriberId: 'SUB',
    class: [{ type: { coding: [{ code: 'plan' }] }, value: 'gold' }],
  };
  test('by the identifier of type MB, else by the id of the subscriber', () => {
    const mb = {
      type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MB' }] },
      value: 'MEM',
    };
    expect(memberIdOf({ ...coverage, identifier: [mb] })).toBe('MEM');
    expect(memberIdOf(coverage)).toBe('SUB');
    expect(memberIdOf(undefined)).toBeUndefined();
    expect(coveragePlan(coverage)).toBe('gold');
  });

  test('and counts what was used by calendar year and, for stays, by benefit period', () => {
    const nothing = { deductible: cents(0), limit: cents(0), inpatientDeductible: cents(0), paid: cents(0) };
    const first: Basic = newEnrollment('MEM', 'Organization/o', 'Patient/nora-whitfield');
    const used = { deductible: cents(100), limit: cents(300), inpatientDeductible: cents(167600) };
    const later = withUsed(first, '2026-12-20', { used, through: '2026-12-28' });
    expect(usedOf(later, '2026-12-31')).toEqual({ ...nothing, ...used });
    expect(usedOf(later, '2027-02-26')).toEqual({ ...nothing, inpatientDeductible: 167600 });
    expect(usedOf(later, '2027-02-27')).toEqual(nothing);
    const again = withUsed(later, '2026-12-30', { used: { ...used, limit: cents(400) } });
    expect(usedOf(again, '2026-12-31').limit).toBe(400);
    expect(again.extension).toHaveLength(3);
  });
});

describe('two claims are the same to a payer', () => {
  const of = (over: Parameters<typeof claimOf>[1] = {}) =>
    sameness(claimOf(story1, over), 'Organization/o', 'M');
  test('whatever their number, id and day of sending', () => {
    expect(of({ id: 'x', identifier: [], created: '2026-05-01' })).toBe(of());
  });
  test.each([
    ['another provider', { provider: { reference: 'Organization/other' } }],
    ['another day', { billablePeriod: { start: '2026-01-21', end: '2026-01-21' } }],
    ['other lines', { item: claimOf(story10).item ?? [] }],
  ])('not with %s', (_name, over) => {
    expect(of(over)).not.toBe(of());
  });
  test('but a correction never is', () => {
    expect(of({ related: [{ claim: { reference: 'Claim/1' } }] })).toBeUndefined();
  });
});
