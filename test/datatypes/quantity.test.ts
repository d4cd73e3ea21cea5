import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUnitCount, sumUnits, unitsOf } from '../../src/datatypes/quantity.ts';

describe('billing units of a dose', () => {
  test.each([
    ['48 mg by 1 mg', 48, 'mg', 1, 'mg', 48],
    ['1 g by 250 mg', 1, 'g', 250, 'mg', 4],
    ['30 mg by 15 mg', 30, 'mg', 15, 'mg', 2],
    ['1,000 ug by 1 mg', 1000, 'ug', 1, 'mg', 1],
    ['a part of a unit is a whole one', 26, 'mg', 25, 'mg', 2],
    ['1.1 mg by 0.1 mg is 11, not 12', 1.1, 'mg', 0.1, 'mg', 11],
    ['0.3 mg by 0.1 mg is 3', 0.3, 'mg', 0.1, 'mg', 3],
    ['0.7 mg by 0.01 mg is 70', 0.7, 'mg', 0.01, 'mg', 70],
    ['1 L by 1,000 mL', 1, 'L', 1000, 'mL', 1],
    ['an unknown unit by itself', 3, '{puff}', 1, '{puff}', 3],
    ['volume is no mass', 1, 'mL', 1, 'mg', undefined],
    ['nothing given', 0, 'mg', 1, 'mg', undefined],
    ['less than nothing', -5, 'mg', 1, 'mg', undefined],
    ['an unknown unit by another', 3, '{puff}', 1, 'mg', undefined],
  ])('%s', (_name, value, code, unit, unitCode, expected) => {
    expect(unitsOf({ value, code }, { value: unit, code: unitCode })).toBe(expected);
  });

  test('whole units cover the dose, and one less would not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (dose, unit) => {
          const units = unitsOf({ value: dose / 1000, code: 'mg' }, { value: unit, code: 'ug' });
          expect(units).toBe(Math.floor((dose + unit - 1) / unit));
        },
      ),
    );
  });
});

test.each([
  [11.4, true],
  [1, true],
  [0.125, true],
  [0.1251, false],
  [0, false],
  [-1, false],
  [Number.NaN, false],
])('%p as units of a claim line: %p', (value, expected) => {
  expect(isUnitCount(value)).toBe(expected);
});

test('units add up without a rest of binary fractions', () => {
  expect(sumUnits([0.1, 0.2])).toBe(0.3);
  expect(sumUnits([3, 3, 3, 3])).toBe(12);
  expect(sumUnits([11.4, 0.6, 1e-7])).toBe(12.0000001);
  expect(sumUnits([])).toBe(0);
});
