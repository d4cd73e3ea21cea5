import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adjudicate } from '../../../src/billing/adjudication/adjudicate.ts';
import { caseRate } from '../../../src/billing/adjudication/caseRate.ts';
import type { BenefitRules, Decision, Line, Used } from '../../../src/billing/adjudication/benefit.ts';
import { costShare, shareTotal } from '../../../src/billing/adjudication/costShare.ts';
import { secondary } from '../../../src/billing/adjudication/secondary.ts';
import { cents, subtract, sum, zero } from '../../../src/datatypes/cents.ts';

const rules: BenefitRules = {
  deductible: cents(150000),
  limit: cents(400000),
  coinsurance: 3000,
  visitCopay: cents(2500),
  visits: new Set(['T1015']),
  preventive: new Set(['G0008']),
  fees: new Map([
    ['T1015', cents(12187)],
    ['G0008', cents(2839)],
    ['J1439', cents(107)],
    ['J7613', cents(6)],
  ]),
  caseRates: new Map(),
  inpatientCoinsurance: 0,
  coordination: 'standard',
};
const nothingUsed: Used = { deductible: zero, limit: zero, inpatientDeductible: zero };
const met: Used = { ...nothingUsed, deductible: cents(150000), limit: cents(150000) };
const line = (code: string, units: number, charge: number, over: Partial<Line> = {}): Line => ({
  sequence: 1,
  code,
  units,
  charge: cents(charge),
  ...over,
});
const reasons = (d: Decision | undefined): string[] =>
  d?.adjustments.map((a) => `${a.group}-${a.reason} ${a.amount}`) ?? [];

describe('one line', () => {
  test.each([
    [
      'a visit takes its copay and nothing else',
      line('T1015', 1, 16845),
      nothingUsed,
      ['CO-45 4658', 'PR-3 2500'],
    ],
    ['a preventive service has no cost share', line('G0008', 1, 3675), nothingUsed, ['CO-45 836']],
    [
      'the deductible comes before coinsurance',
      line('J1439', 750, 145500),
      nothingUsed,
      ['CO-45 65250', 'PR-1 80250'],
    ],
    [
      'coinsurance is rounded half up on what is over the deductible',
      line('J1439', 5, 970),
      met,
      ['CO-45 435', 'PR-2 161'],
    ],
    ['no CO-45 when the charge is below the fee', line('J1439', 1, 100), met, ['PR-2 30']],
    ['a code without fee is not covered', line('J9999', 1, 5000), met, ['PR-204 5000']],
    [
      'a line without code is not covered',
      { sequence: 1, units: 1, charge: cents(5000) },
      met,
      ['PR-204 5000'],
    ],
    [
      'a fee that rounds to nothing is not covered, not CO-45 for all',
      line('J7613', 0.05, 115),
      met,
      ['PR-204 115'],
    ],
    ['a charge of nothing needs no adjustment', line('J9998', 1, 0), met, []],
    [
      'a denial takes the whole charge',
      line('T1015', 1, 16845, { denial: { group: 'CO', reason: '197' } }),
      met,
      ['CO-197 16845'],
    ],
  ])('%s', (_name, one, used, expected) => {
    const { decisions } = adjudicate([one], rules, used);
    expect(reasons(decisions[0])).toEqual(expected);
  });

  test('a second visit on the claim takes no second copay', () => {
    const { decisions } = adjudicate(
      [line('T1015', 1, 16845), line('T1015', 1, 16845, { sequence: 2 })],
      rules,
      met,
    );
    expect(decisions.map((d) => reasons(d))).toEqual([['CO-45 4658', 'PR-3 2500'], ['CO-45 4658']]);
  });

  test('a denied visit leaves the copay to the next one', () => {
    const refused = line('T1015', 1, 16845, { denial: { group: 'CO', reason: '197' } });
    const { decisions } = adjudicate([refused, line('T1015', 1, 16845, { sequence: 2 })], rules, met);
    expect(reasons(decisions[1])).toEqual(['CO-45 4658', 'PR-3 2500']);
  });

  test('a denied line uses up nothing', () => {
    const refused = line('J1439', 750, 145500, { denial: { group: 'PR', reason: '27' } });
    expect(adjudicate([refused], rules, nothingUsed).used).toEqual(nothingUsed);
  });
});

test.each([
  [10000, 390000, { copay: 0, deductible: 0, coinsurance: 3000 }],
  [100000, 390000, { copay: 0, deductible: 0, coinsurance: 10000 }],
  [100000, 400000, { copay: 0, deductible: 0, coinsurance: 0 }],
  [100000, 500000, { copay: 0, deductible: 0, coinsurance: 0 }],
])('of %i allowed the member owes what %i used leaves of the limit', (amount, limit, expected) => {
  const share = costShare('other', cents(amount), rules, { ...met, limit: cents(limit) });
  expect(share).toMatchObject(expected);
  expect(share.cut).toBe(expected.coinsurance < amount * 0.3);
});

test('what exceeds the limit comes off coinsurance first, then deductible', () => {
  const used: Used = { ...nothingUsed, deductible: cents(140000), limit: cents(398000) };
  expect(costShare('other', cents(100000), rules, used)).toEqual({
    copay: 0,
    deductible: 2000,
    coinsurance: 0,
    cut: true,
  });
});

describe('a later payer', () => {
  const share = { copay: zero, deductible: zero, coinsurance: cents(3000), cut: false };
  const basis = { charge: cents(20000), allowed: cents(10000), share };
  test.each([
    [
      'pays its normal benefit when the first paid nothing',
      0,
      20000,
      'standard',
      7000,
      ['PR-2 3000', 'PR-275 10000'],
    ],
    [
      'pays up to its own allowed amount',
      6000,
      9000,
      'standard',
      4000,
      ['OA-23 11000', 'PR-2 3000', 'PR-275 2000'],
    ],
    ['pays what is left, at most', 6000, 1500, 'standard', 1500, ['OA-23 18500']],
    [
      'pays nothing when the first paid more than it allows',
      12000,
      3000,
      'standard',
      0,
      ['OA-23 17000', 'PR-2 3000'],
    ],
    [
      'carves out what was paid before',
      6000,
      9000,
      'carve-out',
      1000,
      ['OA-23 11000', 'PR-2 3000', 'PR-275 5000'],
    ],
  ] as const)('%s', (_name, paid, patient, method, pays, expected) => {
    const { decision } = secondary(
      { ...basis, prior: { paid: cents(paid), patient: cents(patient) } },
      method,
    );
    expect(decision.paid).toBe(pays);
    expect(reasons(decision)).toEqual(expected);
  });
});

test('a case rate above the charge is a negative CO-94', () => {
  const { decision } = caseRate(
    { charge: cents(500000), rate: cents(624817) },
    { ...rules, deductible: zero },
    met,
  );
  expect(reasons(decision)).toEqual(['CO-94 -124817']);
  expect(decision.paid).toBe(624817);
});

test('a stay without inpatient deductible counts towards the yearly one, one with it does not', () => {
  const stay = { charge: cents(900000), rate: cents(100000) };
  expect(caseRate(stay, rules, nothingUsed).used).toMatchObject({
    deductible: 100000,
    inpatientDeductible: 0,
  });
  const own: BenefitRules = { ...rules, inpatientDeductible: cents(167600) };
  expect(caseRate(stay, own, nothingUsed).used).toMatchObject({ deductible: 0, inpatientDeductible: 100000 });
});

const amount = (max: number) => fc.integer({ min: 0, max }).map(cents);
const someRules = fc
  .record({
    deductible: amount(300000),
    limit: fc.option(amount(600000), { nil: undefined }),
    coinsurance: fc.integer({ min: 0, max: 10000 }),
    visitCopay: amount(20000),
    percentOfCharge: fc.option(fc.integer({ min: 0, max: 10000 }), { nil: undefined }),
    fee: amount(50000),
    coordination: fc.constantFrom('standard' as const, 'carve-out' as const),
  })
  .map(({ limit, percentOfCharge, fee, ...r }): BenefitRules => ({
    ...rules,
    ...r,
    ...(limit === undefined ? {} : { limit }),
    ...(percentOfCharge === undefined ? {} : { percentOfCharge }),
    fees: new Map([
      ['T1015', fee],
      ['G0008', fee],
      ['J1439', fee],
    ]),
  }));
const someLine = fc
  .record({
    code: fc.constantFrom('T1015', 'G0008', 'J1439', 'J9999'),
    units: fc.oneof(
      fc.integer({ min: 1, max: 900 }),
      fc.integer({ min: 1, max: 999 }).map((n) => n / 10),
    ),
    charge: amount(2000000),
    denied: fc.integer({ min: 0, max: 5 }),
    prior: fc.option(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 })), {
      nil: undefined,
    }),
  })
  .map(({ code, units, charge, denied, prior }): Line => {
    const share = (percent: number) => cents(Math.floor((charge * percent) / 100));
    const patient = prior && share(prior[0]);
    return {
      sequence: 1,
      code,
      units,
      charge,
      ...(denied === 0 ? { denial: { group: 'CO', reason: '197' } as const } : {}),
      ...(prior && patient !== undefined
        ? { prior: { patient, paid: cents(Math.floor(((charge - patient) * prior[1]) / 100)) } }
        : {}),
    };
  });
const someUsed = fc.record({
  deductible: amount(300000),
  limit: amount(600000),
  inpatientDeductible: amount(1000),
});

test('of every line, plan and history: it balances, nothing is negative, the limit holds, what is used only grows', () => {
  fc.assert(
    fc.property(fc.array(someLine, { maxLength: 12 }), someRules, someUsed, (lines, plan, before) => {
      const { decisions, used } = adjudicate(lines, plan, before);
      expect(decisions).toHaveLength(lines.length);
      for (const d of decisions) {
        expect(subtract(subtract(d.charge, d.paid), sum(d.adjustments.map((a) => a.amount)))).toBe(0);
        expect(d.paid).toBeGreaterThanOrEqual(0);
        expect(d.allowed).toBeLessThanOrEqual(d.charge);
        for (const a of d.adjustments) expect(a.amount).toBeGreaterThan(0);
        if (d.charge > 0) expect(reasons(d)).not.toContain(`CO-45 ${d.charge}`);
      }
      const owed = sum(
        decisions.flatMap((d) =>
          d.adjustments.filter((a) => ['1', '2', '3'].includes(a.reason)).map((a) => a.amount),
        ),
      );
      expect(subtract(used.limit, before.limit)).toBe(owed);
      if (plan.limit !== undefined)
        expect(used.limit).toBeLessThanOrEqual(Math.max(plan.limit, before.limit));
      expect(used.deductible).toBeGreaterThanOrEqual(before.deductible);
      expect(used.deductible).toBeLessThanOrEqual(Math.max(plan.deductible, before.deductible));
      expect(
        decisions.flatMap((d) => d.adjustments).filter((a) => a.reason === '3').length,
      ).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500 },
  );
});

test('two payers never pay more than the charge, and the member never owes more than the first payer left', () => {
  fc.assert(
    fc.property(
      fc.array(someLine, { minLength: 1, maxLength: 6 }),
      someRules,
      someUsed,
      (lines, plan, before) => {
        adjudicate(lines, plan, before).decisions.forEach((d, i) => {
          const prior = lines[i]?.prior;
          if (!prior) return;
          const owed = sum(d.adjustments.filter((a) => a.group === 'PR').map((a) => a.amount));
          expect(owed + d.paid).toBeLessThanOrEqual(prior.patient);
          expect(prior.paid + d.paid).toBeLessThanOrEqual(d.charge);
        });
      },
    ),
    { numRuns: 300 },
  );
});

test('a share never exceeds the allowed amount', () => {
  const kind = fc.constantFrom(
    'visit' as const,
    'preventive' as const,
    'other' as const,
    'furtherVisit' as const,
  );
  fc.assert(
    fc.property(kind, amount(1000000), someRules, someUsed, (k, allowed, plan, used) => {
      expect(shareTotal(costShare(k, allowed, plan, used))).toBeLessThanOrEqual(allowed);
    }),
  );
});
