import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalUnit } from '../../src/search/ucum.ts';
import { canonicalValue, quantityValue } from '../../src/search/kind/quantity.ts';

const to = (code: string, value: number): [string | undefined, number | undefined] => [
  canonicalUnit(code)?.code,
  canonicalUnit(code)?.convert(value),
];

test.each<[string, number, string, number]>([
  ['mg', 5400, 'kg', 0.0054],
  ['kg', 1, 'kg', 1],
  ['g/L', 1.2, 'mg/dL', 120],
  ['ug/mL', 1, 'mg/dL', 0.1],
  ['kPa', 101.325, 'mm[Hg]', 760.002100179], // UCUM takes the conventional millimetre, 133.322 Pa
  ['[degF]', 98.6, 'Cel', 37],
  ['K', 310.15, 'Cel', 37],
  ['Cel', 37, 'Cel', 37],
  ['[degF]', -460, 'Cel', -273.333333333], // below absolute zero, mistyped: found all the same
  ['mK', 310150, 'Cel', 37],
  ['[lb_av]', 1, 'kg', 0.45359237],
  ['[in_i]', 1, 'cm', 2.54],
  ['/min', 72, '/min', 72],
  ['{beats}/min', 72, '/min', 72],
  ['Hz', 1, '/min', 60],
  ['1', 0.5, '%', 50],
  ['{score}', 1, '%', 100],
  ['[ppm]', 1, '%', 0.0001],
  ['h', 1.5, 'min', 90],
  ['mL/min/{1.73_m2}', 90, 'mL/min', 90],
  ['10*3/uL', 1, 'mmol/L', 1.66053906717e-12],
  ['10*9/L', 1, 'mmol/L', 1.66053906717e-12],
  ['mmol/L', 4.1, 'mmol/L', 4.1],
  ['meq/L', 140, 'mmol/L', 140],
])('%s: %d is %s: %d', (code, value, canonical, amount) => {
  expect(to(code, value)).toEqual([canonical, amount]);
});

test.each([
  'mgx',
  '',
  '(((',
  '[iU]/L',
  'k[iU]/L',
  "[arb'U]/mL",
  '[pH]',
  'dB',
  'constructor',
  '__proto__',
  'm'.repeat(200),
])('%p is compared as written', (code) => {
  expect(canonicalUnit(code)).toBeUndefined();
});

test('what is written in either unit has the same canonical amount, to the last digit', () => {
  for (let milligrams = 1; milligrams < 2000; milligrams++) {
    const grams = Number(`${milligrams}e-3`);
    expect(to('mg', milligrams)).toEqual(to('g', grams));
    expect(to('ug', milligrams * 1000)).toEqual(to('g', grams));
  }
});

test('the range that precision implies is converted with the amount', () => {
  const asked = quantityValue('5.4|http://unitsofmeasure.org|mg');
  expect(canonicalValue(asked)).toMatchObject({ value: 5.4e-6, low: 5.35e-6, high: 5.45e-6, code: 'kg' });
  expect(canonicalValue(quantityValue('5.4||mg'))).toBeUndefined();
  expect(canonicalValue(quantityValue('5.4|http://other|mg'))).toBeUndefined();
});

test('an open end stays open', () => {
  expect(canonicalUnit('kg')?.convert(Number.MAX_VALUE)).toBe(Number.MAX_VALUE);
  expect(canonicalUnit('[degF]')?.convert(-Number.MAX_VALUE)).toBe(-Number.MAX_VALUE);
});

test('an amount is in the range that it asks for, however many digits it has, in whatever unit', () => {
  const units = ['mg', '[in_i]', '[degF]', 'g/L', '/min', 'h'];
  const holds = (text: string, code: string): void => {
    const { low = 0, high = 0 } =
      canonicalValue(quantityValue(`${text}|http://unitsofmeasure.org|${code}`)) ?? {};
    const amount = canonicalUnit(code)?.convert(Number(text)) ?? NaN;
    expect([text, code, low <= amount && amount < high]).toEqual([text, code, true]);
  };
  holds('66.89999999999999', '[in_i]');
  const number = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(number, fc.constantFrom(...units), (value, code) => {
      holds(String(value), code);
    }),
  );
});
