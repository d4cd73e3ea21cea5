import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocate } from '../../../src/billing/payment/allocate.ts';
import { readAmount } from '../../../src/billing/payment/amount.ts';
import { planReversal } from '../../../src/billing/payment/reverse.ts';
import { cents, sum } from '../../../src/datatypes/cents.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';

const at = 'Parameters.parameter[0].value';
test.each([
  ['no value', {}, 'amount-missing', at],
  ['nothing', { value: 0, currency: 'USD' }, 'amount-not-positive', `${at}.value`],
  ['a negative amount', { value: -5, currency: 'USD' }, 'amount-not-positive', `${at}.value`],
  ['a part of a cent', { value: 10.005, currency: 'USD' }, 'finer-than-a-cent', `${at}.value`],
  ['another currency', { value: 10, currency: 'EUR' }, 'currency-not-billed', `${at}.currency`],
  ['more than can be counted', { value: 1e15, currency: 'USD' }, 'finer-than-a-cent', `${at}.value`],
] as const)('%s is refused as an amount', (_name, money, code, expression) => {
  const fault = readAmount(money, at);
  expect(typeof fault === 'object' ? [codeOfIssue(fault), fault.expression] : fault).toEqual([
    code,
    [expression],
  ]);
});

test('whole cents are read exactly, with or without currency', () => {
  expect(readAmount({ value: 131.26 }, at)).toBe(13126);
  expect(readAmount({ value: 0.01, currency: 'USD' }, at)).toBe(1);
});

const amounts = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 8 });

test('an allocation meets lines in order and loses no cent', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300_000 }), amounts, (paid, open) => {
      const lines = open.map((amount, item) => ({ item, amount: cents(amount) }));
      const { applied, rest } = allocate(cents(paid), lines);
      expect(sum(applied.map((l) => l.amount)) + rest).toBe(paid);
      expect(rest).toBe(Math.max(0, paid - open.reduce((a, b) => a + b, 0)));
      for (const [i, line] of applied.entries()) {
        const full = lines[line.item]?.amount;
        expect(line.amount).toBeGreaterThan(0);
        if (i < applied.length - 1) expect(line.amount).toBe(full);
      }
    }),
  );
});

const part = (amount: number, encounter?: string) => ({
  ...(encounter ? { encounter } : {}),
  amount: cents(amount),
});
const line = (amount: number, item: number) => ({
  encounter: 'Encounter/1',
  claim: 'Claim/1',
  item,
  amount: cents(amount),
});

test('what a payment met on an Invoice is open again, its credit comes out of the credit there is', () => {
  const plan = planReversal({
    applied: [{ ...line(7126, 2), invoice: 'Invoice/1' }],
    unapplied: [part(2874)],
    cancelled: new Set(),
    available: [part(500, 'Encounter/2'), part(2874)],
    met: [],
  });
  expect(plan).toEqual({
    reopened: [{ ...line(7126, 2), invoice: 'Invoice/1' }],
    credit: [part(2874)],
    released: [],
    short: 0,
  });
});

test('credit used since is taken off the line it met last, before credit kept for other visits', () => {
  const plan = planReversal({
    applied: [],
    unapplied: [part(2500, 'Encounter/1')],
    cancelled: new Set(),
    available: [part(500), part(900, 'Encounter/2')],
    met: [line(1200, 3), line(5000, 1)],
  });
  expect(plan.released).toEqual([line(1200, 3), line(800, 1)]);
  expect(plan.credit).toEqual([part(2500)]);
  expect(plan.short).toBe(0);
});

test('what was paid on an Invoice that was replaced since is credit', () => {
  const plan = planReversal({
    applied: [{ ...line(1000, 1), invoice: 'Invoice/old' }],
    unapplied: [],
    cancelled: new Set(['Invoice/old']),
    available: [part(1000, 'Encounter/1')],
    met: [],
  });
  expect(plan).toEqual({ reopened: [], credit: [part(1000, 'Encounter/1')], released: [], short: 0 });
});

test('what was refunded cannot be taken back', () => {
  const plan = planReversal({
    applied: [],
    unapplied: [part(2874)],
    cancelled: new Set(),
    available: [part(100)],
    met: [],
  });
  expect(plan.short).toBe(2774);
});

test('a reversal accounts for every cent of the payment and never takes more than there is', () => {
  const visit = fc.constantFrom(undefined, 'Encounter/1', 'Encounter/2');
  const parts = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 9_000 }), visit).map(([a, v]) => part(a, v)),
    { maxLength: 5 },
  );
  const lines = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 1, max: 4 })).map(([a, i]) => line(a, i)),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(lines, parts, parts, lines, fc.boolean(), (applied, unapplied, available, met, replaced) => {
      const on = applied.map((l) => ({ ...l, invoice: 'Invoice/1' }));
      const cancelled = new Set(replaced ? ['Invoice/1'] : []);
      const plan = planReversal({ applied: on, unapplied, cancelled, available, met });
      const paid = sum([...on, ...unapplied].map((a) => a.amount));
      expect(sum([...plan.reopened, ...plan.credit].map((a) => a.amount)) + plan.short).toBe(paid);
      const released = sum(plan.released.map((l) => l.amount));
      const drawn = sum(plan.credit.map((c) => c.amount)) - released;
      expect(drawn).toBeLessThanOrEqual(sum(available.map((a) => a.amount)));
      expect(released).toBeLessThanOrEqual(sum(met.map((l) => l.amount)));
      if (plan.short > 0) expect(drawn + released).toBe(sum([...available, ...met].map((a) => a.amount)));
    }),
  );
});
