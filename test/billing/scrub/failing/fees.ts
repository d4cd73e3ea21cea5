import type { Claim } from '@medplum/fhirtypes';
import type { ScrubInput } from '../../../../src/billing/scrub/rule.ts';
import type { TableName } from '../../../../src/terminology/table/tables.ts';
import { lineOf, recode, warned, type Failing } from './case.ts';
import { held, modified, nothing, sentBefore, type Rows } from './tables.ts';

/** A row of the fee schedule for J1885, the fourth line of the complete claim. */
const fee = (
  over: Partial<Record<'status' | 'pctc' | 'days' | 'bilateral' | 'assistant' | 'co' | 'team', string>>,
) => ({
  'fee-schedule': {
    J1885: [
      [
        ...['', over.status ?? 'A', over.pctc ?? '0', over.days ?? 'XXX', over.bilateral ?? '0'],
        ...[over.assistant ?? '9', over.co ?? '9', over.team ?? '9'],
      ],
    ],
  },
});
const line = 'Claim.item[3].modifier';
const visit = ['Claim.item[0].productOrService'];
const diagnosed =
  (code: string) =>
  (c: Claim): unknown =>
    recode(c.diagnosis?.[0]?.diagnosisCodeableConcept, code);
const icd = (rows: Rows): Partial<Record<TableName, Rows>> => ({ icd10cm: rows });

/** What the fee schedule and newer years of code sets find. */
export const fees: readonly Failing[] = [
  held('bilateral-indicator', 'not for both sides', fee({}), modified(3, '50'), [line]),
  held('bilateral-indicator', 'for both sides', fee({ bilateral: '1' }), modified(3, '50'), []),
  held('bilateral-indicator', 'one side', fee({}), modified(3, 'RT'), []),
  held(
    'bilateral-indicator',
    'a service the schedule does not have',
    { 'fee-schedule': {} },
    modified(3, '50'),
    [],
  ),
  held('component-indicator', 'none', fee({}), modified(3, '26'), [line]),
  held('component-indicator', 'two', fee({ pctc: '1' }), modified(3, 'TC'), []),
  held('component-indicator', 'without the modifier', fee({ pctc: '3' }), nothing, []),
  held('surgeon-indicator', 'an assistant, never', fee({ assistant: '1' }), modified(3, '80'), [
    `${line}[0]`,
  ]),
  held('surgeon-indicator', 'an assistant, documented', fee({ assistant: '0' }), modified(3, 'AS'), [
    warned(`${line}[0]`),
  ]),
  held('surgeon-indicator', 'an assistant', fee({ assistant: '2' }), modified(3, '82'), []),
  held('surgeon-indicator', 'two surgeons, never', fee({ co: '0' }), modified(3, '62'), [`${line}[0]`]),
  held('surgeon-indicator', 'a team, documented', fee({ team: '1' }), modified(3, '66'), [
    warned(`${line}[0]`),
  ]),
  held('split-care', 'of the day only', fee({ days: '000' }), modified(3, '55'), [line]),
  held('split-care', 'of ninety days', fee({ days: '090' }), modified(3, '55'), []),
  held('split-care', 'not split', fee({ days: '000' }), nothing, []),
  held('fee-status', 'not covered by Medicare', fee({ status: 'N' }), (_c, i) => medicareOf(i), [
    warned('Claim.item[3].productOrService'),
  ]),
  held('fee-status', 'active', fee({}), (_c, i) => medicareOf(i), []),
  held('fee-status', 'of another payer', fee({ status: 'N' }), nothing, []),
  held('global-period', 'a visit of the day', fee({ days: '000' }), nothing, visit),
  held(
    'global-period',
    'a visit of the day, for something else',
    fee({ days: '010' }),
    modified(0, '25'),
    [],
  ),
  held('global-period', 'no days of care', fee({ days: 'XXX' }), nothing, []),
  held('global-period', 'ten days after', fee({ days: '010' }), sentBefore([0], [3], days('2026-05-30')), [
    warned(visit[0] ?? ''),
  ]),
  held(
    'global-period',
    'eleven days after',
    fee({ days: '010' }),
    sentBefore([0], [3], days('2026-05-29')),
    [],
  ),
  held(
    'global-period',
    'after it, for something else',
    fee({ days: '090' }),
    (c, i) => {
      modified(0, '24')(c);
      return sentBefore([0], [3], days('2026-05-30'))(c, i);
    },
    [],
  ),
  held(
    'global-period',
    'the day before a major procedure',
    fee({ days: '090' }),
    (c) => (lineOf(c, 3).servicedDate = '2026-06-10'),
    visit,
  ),
  held(
    'global-period',
    'the day before a minor one',
    fee({ days: '010' }),
    (c) => (lineOf(c, 3).servicedDate = '2026-06-10'),
    [],
  ),
  held('icd-known', 'not in the loaded year', icd({ M1711: [[1, null]] }), nothing, [
    'Claim.diagnosis[0].diagnosis',
    'Claim.diagnosis[1].diagnosis',
  ]),
  held('icd-known', 'new in the loaded year', icd({ Q9999: [[1, null]] }), diagnosed('Q99.99'), [
    'Claim.diagnosis[1].diagnosis',
  ]),
  held('icd-billable', 'a header of the loaded year', icd({ Q999: [[0, null]] }), diagnosed('Q99.9'), [
    'Claim.diagnosis[0].diagnosis',
  ]),
  held(
    'hcpcs-known',
    'not in the loaded year',
    { hcpcs: { T1015: [[null, null, 0]], L4361: [[null, null, 0]], E0114: [[null, null, 0]] } },
    nothing,
    ['Claim.item[3].productOrService'],
  ),
  held('hcpcs-known', 'ended before the service', { hcpcs: ended('2026-06-08') }, nothing, [
    'Claim.item[3].productOrService',
  ]),
  held('hcpcs-known', 'ended with the day of the service', { hcpcs: ended('2026-06-09') }, nothing, []),
  held(
    'modifier-known',
    'new in the loaded year',
    { hcpcs: { ZZ: [['2026-01-01', null, 0]] } },
    modified(3, 'ZZ'),
    [],
  ),
  held('modifier-known', 'in no year', { hcpcs: {} }, modified(3, 'ZZ'), [`${line}[0]`]),
];

function medicareOf({ known }: ScrubInput): unknown {
  return Object.assign(known.get('Coverage/dana-ppo') ?? {}, {
    type: { coding: [{ system: 'https://nahdo.org/sopt', code: '121' }] },
  });
}
function days(day: string) {
  return (earlier: Claim): unknown => (lineOf(earlier).servicedDate = day);
}
function ended(day: string): Rows {
  const open = [null, null, 0] as const;
  return { T1015: [open], L4361: [open], E0114: [open], J1885: [[null, day, 0]], NU: [open], RT: [open] };
}
