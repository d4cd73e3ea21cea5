import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dateInZone, isDate } from '../../src/datatypes/date.ts';

const zones = [
  'UTC',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  'Pacific/Chatham',
];
const said = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    at,
  );

test.each(zones)('the date of an instant in %s is that of the IANA database, asked again too', (zone) => {
  const midnights = fc
    .tuple(fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 191 }), fc.constantFrom(-1, 0, 1))
    .map(([days, quarters, ms]) => days * 86_400_000 + quarters * 450_000 + ms);
  fc.assert(
    fc.property(midnights, (at) => {
      const instant = new Date(at).toISOString();
      expect([instant, dateInZone(instant, zone), dateInZone(instant, zone)]).toEqual([
        instant,
        said(at, zone),
        said(at, zone),
      ]);
    }),
    { numRuns: 500 },
  );
});

test('what is no instant has no date', () => {
  expect(() => dateInZone('never', 'UTC')).toThrow(RangeError);
});

test.each([
  ['2024-02-29', true],
  ['2000-02-29', true],
  ['1900-02-29', false],
  ['2023-02-29', false],
  ['2026-04-31', false],
  ['2026-12-31', true],
  ['2026-00-10', false],
  ['2026-13-01', false],
  ['2026-01-00', false],
  ['2026-01-32', false],
  ['2026-1-1', false],
  ['2026-01-01T00:00:00Z', false],
])('whether %s is a day of the calendar: %s', (text, is) => {
  expect(isDate(text)).toBe(is);
});

test('isDate agrees with the calendar of Date, over four centuries', () => {
  for (let at = Date.UTC(1800, 0, 1); at < Date.UTC(2200, 0, 1); at += 86_400_000) {
    const text = new Date(at).toISOString().slice(0, 10);
    if (!isDate(text)) throw new Error(text);
  }
});
