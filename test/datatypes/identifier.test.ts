import { expect, test } from '@jest/globals';
import { addDays, ageOn, contains, dateInZone, daysBetween, isDate } from '../../src/datatypes/date.ts';
import { isNpi } from '../../src/datatypes/identifier.ts';
import { parseReference, same } from '../../src/datatypes/reference.ts';

test.each([
  ['1234567893', true],
  ['1245319599', true],
  ['1003000126', true],
  ['1234567890', false],
  ['1111111111', false],
  ['9999999999', false],
  ['123456789', false],
])('NPI %s is sound: %s', (text, sound) => {
  expect(isNpi(text)).toBe(sound);
});

test('references are read by their parts, whatever version', () => {
  expect(parseReference('Patient/1/_history/2')).toEqual({ type: 'Patient', id: '1', version: '2' });
  expect(parseReference('urn:uuid:1')).toBeUndefined();
  expect(parseReference('http://x/Patient/1')).toBeUndefined();
  expect(same({ reference: 'Patient/1' }, { reference: 'Patient/1/_history/3' })).toBe(true);
  expect(same({ reference: 'Patient/1' }, { reference: 'Patient/2' })).toBe(false);
});

test('dates are counted by the calendar', () => {
  expect(isDate('2024-02-29')).toBe(true);
  expect(isDate('2023-02-29')).toBe(false);
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  expect(daysBetween('2026-02-03', '2026-02-07')).toBe(4);
  expect(ageOn('2016-09-21', '2026-06-03')).toBe(9);
  expect(ageOn('2016-06-03', '2026-06-03')).toBe(10);
});

test('a period holds both its ends, partial dates with all their days', () => {
  expect(contains({ start: '2026-01-01', end: '2026-04-30' }, '2026-04-30')).toBe(true);
  expect(contains({ start: '2026-01-01', end: '2026-04-30' }, '2026-05-01')).toBe(false);
  expect(contains({ start: '2026', end: '2026' }, '2026-12-31')).toBe(true);
  expect(contains(undefined, '2026-12-31')).toBe(true);
});

test('the practice ends its day in its own time zone', () => {
  expect(dateInZone('2026-02-04T03:30:00Z', 'America/New_York')).toBe('2026-02-03');
  expect(dateInZone('2026-02-04T03:30:00Z', 'UTC')).toBe('2026-02-04');
});
