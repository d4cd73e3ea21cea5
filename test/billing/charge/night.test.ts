import { describe, expect, test } from '@jest/globals';
import type { EncounterLocation, Location } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { nightsOf } from '../../../src/billing/charge/night.ts';
import { buildCodeMap } from '../../../src/billing/coding/codeMap.ts';
import { coder } from '../../../src/billing/coding/coder.ts';
import { addDays, daysBetween } from '../../../src/datatypes/date.ts';
import { system } from '../../../src/terminology/system.ts';
import { chartOf } from '../../fixture/chart.ts';

const zone = 'America/New_York';
const roles = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const coding = coder(
  buildCodeMap([
    {
      resourceType: 'ConceptMap',
      status: 'active',
      group: [
        {
          source: roles,
          target: system.chargeMaster,
          element: [
            { code: 'HU', target: [{ code: 'RB0120', equivalence: 'equivalent' }] },
            { code: 'ICU', target: [{ code: 'RB0200', equivalence: 'equivalent' }] },
          ],
        },
      ],
    },
  ]),
);
const place = (id: string, code: string): [string, Location] => [
  `Location/${id}`,
  { resourceType: 'Location', id, type: [{ coding: [{ system: roles, code }] }] },
];
const locations = new Map([place('ward', 'HU'), place('icu', 'ICU'), place('lobby', 'X')]);
const at = (id: string, start?: string, end?: string): EncounterLocation => ({
  location: { reference: `Location/${id}` },
  ...(start === undefined && end === undefined
    ? {}
    : { period: { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) } }),
});

const nights = (start: string, end: string, location: EncounterLocation[], kind = 'IMP') =>
  nightsOf(chartOf({ class: { code: kind }, period: { start, end }, location }, { locations }), coding, {
    zone,
    sameDay: 'one',
  }).nights.map((n) => [n.code.code, n.start, n.end, n.nights]);

describe('nights of room and board', () => {
  test('four nights from the 3rd to the 7th: the day of discharge is not counted', () => {
    expect(nights('2026-02-03T18:40:00-05:00', '2026-02-07T11:00:00-05:00', [at('ward')])).toEqual([
      ['RB0120', '2026-02-03', '2026-02-06', 4],
    ]);
  });

  test('a night counts where the patient is at midnight', () => {
    const stay = [
      at('icu', '2026-02-03T18:40:00-05:00', '2026-02-05T23:30:00-05:00'),
      at('ward', '2026-02-05T23:30:00-05:00', '2026-02-07T11:00:00-05:00'),
    ];
    expect(nights('2026-02-03T18:40:00-05:00', '2026-02-07T11:00:00-05:00', stay)).toEqual([
      ['RB0200', '2026-02-03', '2026-02-04', 2],
      ['RB0120', '2026-02-05', '2026-02-06', 2],
    ]);
  });

  test('back in the same kind of room is a further row', () => {
    const stay = [
      at('ward', '2026-02-03T10:00:00-05:00', '2026-02-04T10:00:00-05:00'),
      at('icu', '2026-02-04T10:00:00-05:00', '2026-02-05T10:00:00-05:00'),
      at('ward', '2026-02-05T10:00:00-05:00', '2026-02-06T10:00:00-05:00'),
    ];
    expect(nights('2026-02-03T10:00:00-05:00', '2026-02-06T10:00:00-05:00', stay).map((n) => n[0])).toEqual([
      'RB0120',
      'RB0200',
      'RB0120',
    ]);
  });

  test('midnight is that of the practice, whatever offset the chart was written in', () => {
    expect(nights('2026-02-04T03:00:00Z', '2026-02-05T04:30:00Z', [at('ward')])).toEqual([
      ['RB0120', '2026-02-03', '2026-02-03', 1],
    ]);
  });

  test.each([
    [
      'a place without room code',
      '2026-02-03T08:00:00-05:00',
      '2026-02-05T08:00:00-05:00',
      [at('lobby')],
      'IMP',
    ],
    ['an outpatient', '2026-02-03T08:00:00-05:00', '2026-02-05T08:00:00-05:00', [at('ward')], 'AMB'],
    [
      'a bed that was only planned',
      '2026-02-03T08:00:00-05:00',
      '2026-02-05T08:00:00-05:00',
      [{ ...at('ward'), status: 'planned' as const }],
      'IMP',
    ],
  ])('none: %s', (_name, start, end, location, kind) => {
    expect(nights(start, end, location, kind)).toEqual([]);
  });

  test('in and out on one day is one day', () => {
    expect(nights('2026-02-03T08:00:00-05:00', '2026-02-03T20:00:00-05:00', [at('ward')])).toEqual([
      ['RB0120', '2026-02-03', '2026-02-03', 1],
    ]);
  });

  test('whatever the moves, every night in a bed is counted once', () => {
    const moves = fc.array(fc.tuple(fc.constantFrom('ward', 'icu'), fc.integer({ min: 0, max: 47 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(moves, (steps) => {
        const hour = (h: number): string =>
          `${addDays('2026-05-01', Math.floor(h / 24))}T${String(h % 24).padStart(2, '0')}:15:00-04:00`;
        let from = 9;
        const stay = steps.map(([where, hours]) => {
          const part = at(where, hour(from), hour(from + hours));
          from += hours;
          return part;
        });
        const counted = nights(hour(9), hour(from), stay).reduce((n, row) => n + Number(row[3]), 0);
        // in and out on one day is one day
        expect(counted).toBe(Math.max(1, daysBetween(hour(9).slice(0, 10), hour(from).slice(0, 10))));
      }),
    );
  });
});
