import { describe, expect, test } from '@jest/globals';
import type { Claim } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { differences, level, replacedBy, standingAfter } from '../../../src/billing/contract/compare.ts';
import { expectedLines } from '../../../src/billing/contract/expected.ts';
import { ratesFrom, ratesText, readRates } from '../../../src/billing/contract/rates.ts';
import { cents } from '../../../src/datatypes/cents.ts';

const claimOf = (
  ...lines: readonly (readonly [code: string, net: number, quantity: number, modifier?: string])[]
): Claim =>
  ({
    resourceType: 'Claim',
    item: lines.map(([code, net, value, modifier], i) => ({
      sequence: i + 1,
      productOrService: { coding: [{ code }] },
      ...(modifier === undefined ? {} : { modifier: [{ coding: [{ code: modifier }] }] }),
      servicedDate: '2026-06-03',
      quantity: { value },
      net: { value: net, currency: 'USD' },
    })),
  }) as unknown as Claim;
const amounts = (content: string, claim: Claim): number[] =>
  expectedLines(claim, () => ({ contract: 'Contract/1', rates: readRates(content).rates })).map(
    (l) => l.amount,
  );

describe('12.6 what a contract lets expect', () => {
  test.each([
    ['a price is for each unit', 'code,price\nJ3301,3.00', claimOf(['J3301', 39, 4]), [1200]],
    ['never above the charge', 'code,price\nJ3301,30.00', claimOf(['J3301', 39, 4]), [3900]],
    ['a code without a row is not expected', 'code,price\nJ3301,30.00', claimOf(['T1015', 39, 1]), []],
    ['every other code', 'code,price,percent\nA0001,9,\n*,,62.5', claimOf(['T1015', 10.01, 1]), [626]],
    ['a modifier', 'code,modifier,price\nT1015,,50\nT1015,TC,20', claimOf(['T1015', 90, 1, 'TC']), [2000]],
    ['both sides', 'code,price,bilateral\n27447,100,150', claimOf(['27447', 900, 1, '50']), [15000]],
    [
      'further procedures of a day',
      'code,price,multiple\n11111,100,50\n22222,200,50\n33333,80,',
      claimOf(['11111', 900, 1], ['22222', 900, 1], ['33333', 900, 1]),
      [5000, 20000, 8000],
    ],
  ])('%s', (_name, content, claim, expected) => {
    expect(amounts(content, claim)).toEqual(expected);
  });

  test('a schedule reads as it was written, and another is a percentage of it', () => {
    const { rates } = readRates('code,modifier,price,percent\nT1015,,130.05,\nT1015,TC,20,\n*,,,62.5');
    expect(readRates(ratesText(rates))).toEqual({ rates, faults: [] });
    const own = readRates('code,price\nT1015,7').rates;
    expect(
      ratesText(ratesFrom(rates, 12_000, own))
        .split('\n')
        .slice(1),
    ).toEqual(['*,,,75,,', 'T1015,,7,,,']);
  });

  test('what is missing and what was recovered never come to more than was found, whatever the answers', () => {
    const amount = fc.integer({ min: 0, max: 50_000 });
    const answer = fc.array(fc.tuple(amount, amount), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(amount, amount, fc.array(answer, { minLength: 1, maxLength: 5 }), (a, b, answers) => {
        const expected = [a, b].map((n, i) => ({ item: i + 1, amount: cents(n), rule: '' }));
        let standing = level;
        for (const lines of answers) {
          const decided = lines.map(([allowed, denied], i) => ({
            ...{ sequence: i + 1, allowed: cents(allowed), denied: cents(denied) },
          }));
          const found = differences(expected, decided);
          for (const line of found) {
            expect(Math.min(line.short, line.over)).toBe(0);
            if (line.allowed < line.amount)
              expect(line.short).toBe(
                Math.max(0, line.amount - line.allowed - (decided[line.item - 1]?.denied ?? 0)),
              );
          }
          standing = standingAfter(standing, found);
          expect(standing.found).toBeGreaterThanOrEqual(standing.short + standing.recovered);
          const after = replacedBy(standing, found);
          expect([after.short, after.found]).toEqual([0, after.recovered]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
