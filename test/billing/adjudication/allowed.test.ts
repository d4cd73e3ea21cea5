import { expect, test } from '@jest/globals';
import { allowed } from '../../../src/billing/adjudication/allowed.ts';
import type { BenefitRules, Line } from '../../../src/billing/adjudication/benefit.ts';
import { cents } from '../../../src/datatypes/cents.ts';

/** A plan that prices one ingredient at 0.50 a unit and the making of a compound at 15.00. */
const rules: BenefitRules = {
  deductible: cents(0),
  limit: cents(0),
  coinsurance: 0,
  visitCopay: cents(0),
  visits: new Set(),
  preventive: new Set(),
  fees: new Map([
    ['compound', cents(1500)],
    ['55111068205', cents(50)],
  ]),
  caseRates: new Map(),
  inpatientCoinsurance: 0,
  coordination: 'standard',
};
const compound = (...ndcs: readonly string[]): Line => ({
  sequence: 1,
  code: 'compound',
  units: 60, // grams handed over
  charge: cents(12_000),
  drug: { parts: ndcs.map((ndc) => ({ ndc, units: 10 })) },
});

test('a compound with an ingredient the plan does not price is not covered, and its making is no price by the gram', () => {
  expect(allowed(compound('55111068205', '00071015523'), rules)).toBeUndefined();
});

test('neighbour: its share of the charge is what such a plan pays that has one: 80 % of 120.00', () => {
  expect(allowed(compound('55111068205', '00071015523'), { ...rules, percentOfCharge: 8000 })).toBe(9600);
});

test('neighbour: with both priced it is 15.00 for the making and 10 × 0.50 for each', () => {
  expect(allowed(compound('55111068205', '55111068205'), rules)).toBe(2500);
});
