import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dateInZone } from '../../src/datatypes/date.ts';

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
