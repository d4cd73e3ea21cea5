import type { Claim, CodeableConcept } from '@medplum/fhirtypes';
import { scrubTables } from '../../../../src/billing/scrub/tables.ts';
import type { LoadedEdition } from '../../../../src/terminology/table/lookUp.ts';
import type { ScrubInput } from '../../../../src/billing/scrub/rule.ts';
import type { RowValue } from '../../../../src/terminology/table/layout.ts';
import type { TableName } from '../../../../src/terminology/table/tables.ts';
import { concept, fails, lineOf, recode, warned, type Failing } from './case.ts';

export type Rows = Readonly<Record<string, readonly RowValue[]>>;

/** The same input, with tables of the practice: invented rows, for all days from 2026 on. */
export function withTables(
  input: ScrubInput,
  tables: Partial<Readonly<Record<TableName, Rows>>>,
): ScrubInput {
  const names = Object.keys(tables) as TableName[];
  const loaded = names.map((table): LoadedEdition => ({
    id: table,
    table,
    edition: '2026',
    from: '2026-01-01',
  }));
  const found = names.flatMap((id) =>
    Object.entries(tables[id] ?? {}).map(([key, values]) => ({ id, key, values })),
  );
  return { ...input, tables: scrubTables(loaded, found) };
}

/** A claim of the complete fixture is scrubbed with a table; `change` is made to it before. */
export const held = (
  rule: string,
  what: string,
  tables: Partial<Readonly<Record<TableName, Rows>>>,
  change: (claim: Claim, input: ScrubInput) => unknown,
  faults: Failing['faults'],
): Failing =>
  fails(
    rule,
    what,
    'complete',
    (c, _p, i) => {
      const changed = change(c, i);
      return withTables(
        typeof changed === 'object' && changed !== null && 'known' in changed ? (changed as ScrubInput) : i,
        tables,
      );
    },
    faults,
  );

/** Lines of the complete claim: T1015, L4361 RT, E0114 NU, J1885. */
const pair = (
  indicator: string,
  from = '2026-01-01',
  before: string | null = null,
): Partial<Record<TableName, Rows>> => ({
  'ptp-practitioner': { 'T1015 J1885': [[from, before, indicator]] },
});
export const nothing = (): undefined => undefined;
export const modified =
  (index: number, ...codes: string[]) =>
  (c: Claim): unknown =>
    (lineOf(c, index).modifier = codes.map(concept));

/** The claim as it was, sent earlier, with some of its lines; the claim itself keeps the others. */
export const sentBefore =
  (kept: readonly number[], earlier: readonly number[], change?: (claim: Claim) => unknown) =>
  (claim: Claim, input: ScrubInput): ScrubInput => {
    const before = structuredClone(claim);
    before.id = 'before';
    before.status = 'active';
    before.item = (claim.item ?? []).filter((_, i) => earlier.includes(i));
    claim.item = (claim.item ?? []).filter((_, i) => kept.includes(i));
    change?.(before);
    return { ...input, earlier: [before] };
  };

const zzz: Partial<Record<TableName, Rows>> = {
  'fee-schedule': { J1885: [['', 'A', '0', 'ZZZ', '0', '0', '0', '0']] },
};

/** What the coding tables of a practice find. */
export const tables: readonly Failing[] = [
  held('ncci-pair', 'included whatever the modifier', pair('0'), modified(3, '59'), [
    'Claim.item[3].productOrService',
  ]),
  held('ncci-pair', 'included, without a modifier', pair('1'), nothing, ['Claim.item[3].productOrService']),
  held('ncci-pair', 'distinct', pair('1'), modified(3, 'XU'), []),
  held('ncci-pair', 'distinct, said with the other service', pair('1'), modified(0, '25'), []),
  held('ncci-pair', 'a modifier that does not say so', pair('1'), modified(3, 'GA'), [
    'Claim.item[3].productOrService',
  ]),
  held('ncci-pair', 'an edit that is not active', pair('9'), nothing, []),
  held('ncci-pair', 'from the day on', pair('0', '2026-06-09'), nothing, ['Claim.item[3].productOrService']),
  held('ncci-pair', 'from the day after', pair('0', '2026-06-10'), nothing, []),
  held('ncci-pair', 'until the day before', pair('0', '2026-01-01', '2026-06-09'), nothing, []),
  held('ncci-pair', 'until the day', pair('0', '2026-01-01', '2026-06-10'), nothing, [
    'Claim.item[3].productOrService',
  ]),
  held('ncci-pair', 'on other days', pair('0'), (c) => (lineOf(c, 3).servicedDate = '2026-06-08'), []),
  held('ncci-pair', 'of an edition that begins later', { 'ptp-practitioner': {} }, nothing, []),
  held('ncci-pair', 'the other was billed before', pair('0'), sentBefore([1, 3], [0]), [
    'Claim.item[1].productOrService',
  ]),
  held('ncci-pair', 'the included one was billed before', pair('0'), sentBefore([0], [3]), [
    warned('Claim.item[0].productOrService'),
  ]),
  held(
    'ncci-pair',
    'billed before by another practice',
    pair('0'),
    sentBefore([3], [0], (b) => (b.provider = { reference: 'Organization/other' })),
    [],
  ),
  held(
    'ncci-pair',
    'only drafted before',
    pair('0'),
    sentBefore([3], [0], (b) => (b.status = 'draft')),
    [],
  ),
  held(
    'ncci-pair',
    'of a hospital, by its own table',
    { 'ptp-outpatient': { 'T1015 J1885': [['2026-01-01', null, '0']] } },
    nothing,
    [],
  ),
  held('mue-units', 'a line', { 'mue-practitioner': { J1885: [[1, 1]] } }, units(3, 2), [
    'Claim.item[3].quantity',
  ]),
  held('mue-units', 'a line, just as many', { 'mue-practitioner': { J1885: [[2, 1]] } }, units(3, 2), []),
  held('mue-units', 'split over two lines', { 'mue-practitioner': { J1885: [[2, 1]] } }, twice(3, 2), []),
  held('mue-units', 'of the day, over two lines', { 'mue-practitioner': { J1885: [[2, 2]] } }, twice(3, 2), [
    'Claim.item[3].quantity',
    'Claim.item[4].quantity',
  ]),
  held(
    'mue-units',
    'of the day, unless documented',
    { 'mue-practitioner': { J1885: [[2, 3]] } },
    twice(3, 2),
    [warned('Claim.item[3].quantity'), warned('Claim.item[4].quantity')],
  ),
  held(
    'mue-units',
    'of the day, with an earlier claim',
    { 'mue-practitioner': { J1885: [[1, 2]] } },
    sentBefore([0, 3], [3]),
    ['Claim.item[1].quantity'],
  ),
  held(
    'mue-units',
    'of several days',
    { 'mue-practitioner': { J1885: [[2, 1]] } },
    (c) => {
      delete lineOf(c, 3).servicedDate;
      lineOf(c, 3).servicedPeriod = { start: '2026-06-07', end: '2026-06-09' };
      return units(3, 6)(c);
    },
    [],
  ),
  held(
    'mue-units',
    'of a supply, by the table of suppliers',
    { 'mue-supplier': { L4361: [[1, 2]] }, 'mue-practitioner': { L4361: [[9, 2]] } },
    units(1, 2),
    ['Claim.item[1].quantity'],
  ),
  held(
    'mue-units',
    'of a supply that only practitioners have',
    { 'mue-practitioner': { L4361: [[1, 2]] } },
    units(1, 2),
    ['Claim.item[1].quantity'],
  ),
  held('add-on-primary', 'without what is listed', addOn(1, 'G0438'), nothing, [
    'Claim.item[3].productOrService',
  ]),
  held('add-on-primary', 'beside what is listed', addOn(1, 'T1015'), nothing, []),
  held(
    'add-on-primary',
    'beside what is listed, of another day',
    addOn(1, 'T1015'),
    (c) => (lineOf(c).servicedDate = '2026-06-08'),
    ['Claim.item[3].productOrService'],
  ),
  held('add-on-primary', 'beside what was billed before', addOn(1, 'T1015'), sentBefore([3], [0]), []),
  held('add-on-primary', 'as the payer says, beside something', addOn(2, 'CCCCC'), nothing, []),
  held('add-on-primary', 'as the payer says, alone', addOn(2, 'CCCCC'), (c) => (c.item = [lineOf(c, 3)]), [
    'Claim.item[0].productOrService',
  ]),
  held('add-on-primary', 'some are listed, another is there', addOn(3, 'G0438'), nothing, [
    warned('Claim.item[3].productOrService'),
  ]),
  held('add-on-primary', 'no more on the day', addOn(1, 'G0438', '2026-06-09'), nothing, []),
  held('add-on-primary', 'ZZZ without a table of add-ons, alone', zzz, (c) => (c.item = [lineOf(c, 3)]), [
    warned('Claim.item[0].productOrService'),
  ]),
  held('add-on-primary', 'ZZZ without a table of add-ons, beside something', zzz, nothing, []),
  held('add-on-primary', 'ZZZ, but the table of add-ons has it not', { ...zzz, 'add-on': {} }, alone, []),
  held('add-on-primary', 'by its description, without any table', {}, (c) => recode(alone(c), 'G2211'), [
    warned('Claim.item[0].productOrService'),
  ]),
  held(
    'add-on-primary',
    'by its description, beside something',
    {},
    (c) => recode(lineOf(c, 3).productOrService, 'G2211'),
    [],
  ),
];

function alone(c: Claim): CodeableConcept {
  c.item = [lineOf(c, 3)];
  return lineOf(c).productOrService;
}
function units(index: number, value: number) {
  return (c: Claim): unknown => (lineOf(c, index).quantity = { value });
}
function twice(index: number, value: number) {
  return (c: Claim): unknown => {
    lineOf(c, index).quantity = { value };
    return c.item?.push({ ...structuredClone(lineOf(c, index)), sequence: 9 });
  };
}
function addOn(
  type: number,
  primary: string,
  before: string | null = null,
): Partial<Record<TableName, Rows>> {
  return { 'add-on': { J1885: [[type, primary, '2026-01-01', before]] } };
}
