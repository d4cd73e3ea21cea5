import { expect, test } from '@jest/globals';
import { addBusinessDays, isBusinessDay } from '../../src/datatypes/businessDay.ts';

test.each([
  ['2026-07-03', false], // Independence Day is a Saturday
  ['2026-07-06', true],
  ['2026-11-26', false],
  ['2026-05-25', false],
  ['2026-01-19', false],
  ['2021-12-31', false], // New Year's Day 2022 is a Saturday
  ['2026-10-12', false],
  ['2026-06-06', false],
])('%s is a business day: %s', (date, is) => {
  expect(isBusinessDay(date)).toBe(is);
});

test.each([
  ['2026-06-05', 1, '2026-06-08'],
  ['2026-07-02', 1, '2026-07-06'],
  ['2026-06-05', 30, '2026-07-21'],
  ['2026-12-24', 4, '2026-12-31'],
])('%s and %d business days are %s', (from, days, to) => {
  expect(addBusinessDays(from, days)).toBe(to);
});
