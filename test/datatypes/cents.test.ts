import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  allocate,
  cents,
  centsOf,
  fromMoney,
  rateOf,
  sum,
  times,
  toMoney,
  toText,
} from '../../src/datatypes/cents.ts';

const anyCents = fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }).map(cents);

describe('money', () => {
  test('survives the way to FHIR Money and back, every cent to 1,000.00 and 20,000 generated amounts', () => {
    for (let c = 0; c <= 100_000; c++) expect(fromMoney(toMoney(cents(c)))).toBe(c);
    fc.assert(
      fc.property(anyCents, (c) => {
        expect(fromMoney(toMoney(c))).toBe(c);
      }),
      { numRuns: 20_000 },
    );
  });

  test.each([
    ['a part of a cent', { value: 10.005 }],
    ['a binary remainder', { value: 410.20000000000005 }],
    ['another currency', { value: 10, currency: 'EUR' as const }],
    ['no value', {}],
    ['more than can be counted', { value: 1e20 }],
  ])('%s is refused, never rounded', (_name, money) => {
    expect(() => fromMoney(money)).toThrow(RangeError);
    expect(centsOf(money)).toBeUndefined();
  });

  test.each([
    [11.4, 1825, 20805], // story 9: mileage charge
    [11.4, 894, 10192], // story 9: 101.916 → 101.92
    [4, 1115, 4460],
    [0.1, 5, 1], // 0.005 → 0.01, half up
    [1e-7, 5, 0],
    [-1, 5, -5],
  ])('%d × %d cents = %d, half up once', (quantity, price, product) => {
    expect(times(quantity, cents(price))).toBe(product);
  });

  test.each([
    [3000, 615, 185], // story 3: 1.845 → 1.85
    [3000, 10035, 3011], // story 10: 30.105 → 30.11
    [3000, 3855, 1157], // story 10: 11.565 → 11.57
    [2000, 33944, 6789], // story 9: 67.888 → 67.89
    [3000, 15025, 4508], // story 7: 45.075 → 45.08
  ])('%d basis points of %d cents = %d', (rate, amount, part) => {
    expect(rateOf(rate, cents(amount))).toBe(part);
  });

  test('a split loses no cent and gives none to a part without weight', () => {
    fc.assert(
      fc.property(anyCents, fc.array(fc.nat(1000), { minLength: 1, maxLength: 9 }), (total, weights) => {
        fc.pre(weights.some((w) => w > 0));
        const parts = allocate(total, weights);
        expect(sum(parts)).toBe(total);
        parts.forEach((part, i) => {
          if (weights[i] === 0) expect(part).toBe(0);
        });
      }),
      { numRuns: 5_000 },
    );
  });

  test('text has commas and both cents', () => {
    expect([0, 5, 2500, 116025, -2874, 199991199].map((c) => toText(cents(c)))).toEqual([
      '0.00',
      '0.05',
      '25.00',
      '1,160.25',
      '-28.74',
      '1,999,911.99',
    ]);
  });
});
