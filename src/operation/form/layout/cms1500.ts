import { cell, field, markAt, rightField, type Cell, type Field, type Layout, type Mark } from './layout.ts';

/** The right half begins here; so many columns has the form. */
const half = 50;
const end = 81;

/** A row of boxes from left to right: each begins where the one before ends. */
const row = (line: number, ...boxes: readonly (readonly [col: number, label: string])[]): Cell[] =>
  boxes.map(([col, label], i) => cell(line, col, (boxes[i + 1]?.[0] ?? end) - col, label));

const upper: readonly Cell[] = [
  ...row(7, [1, '1 Kind of coverage'], [half, '1a Member id']),
  ...row(9, [1, '2 Patient'], [30, '3 Born / sex'], [half, '4 Insured']),
  ...row(
    11,
    [1, '5 Street of the patient'],
    [30, '6 Patient is of the insured'],
    [half, '7 Street of the insured'],
  ),
  ...row(13, [1, 'City'], [25.5, 'State'], [30, '8 (reserved)'], [half, 'City'], [73.5, 'State']),
  ...row(15, [1, 'ZIP'], [14, 'Telephone'], [30, ''], [half, 'ZIP'], [64, 'Telephone']),
  ...row(17, [1, '9 Other insured'], [30, '10 Condition comes from'], [half, '11 Group or FECA number']),
  ...row(19, [1, '9a Other policy or group'], [30, '10a Work'], [half, '11a Insured born / sex']),
  ...row(21, [1, '9b (reserved)'], [30, '10b Car accident'], [half, '11b Other claim number']),
  ...row(23, [1, '9c (reserved)'], [30, '10c Other accident'], [half, '11c Plan']),
  ...row(25, [1, '9d Other plan'], [30, '10d Claim codes'], [half, '11d Another plan']),
  cell(27, 1, half - 1, '12 Patient: release of information', 4),
  cell(27, half, end - half, '13 Insured: assignment of benefits', 4),
  ...row(31, [1, '14 Onset'], [30, '15 Other date'], [half, '16 Unable to work from / to']),
  ...row(
    33,
    [1, '17 Referred, ordered or supervised by'],
    [30, '17a / 17b NPI'],
    [half, '18 Hospital from / to'],
  ),
  ...row(35, [1, '19 More'], [half, '20 Outside laboratory / charge']),
  cell(37, 1, half - 1, '21 Diagnoses', 4),
  cell(37, 38, 5, 'ICD', 1),
  ...Array.from('ABCDEFGHIJKL').map((letter, i) =>
    cell(38 + Math.floor(i / 4), 2 + 13 * (i % 4), i % 4 === 3 ? 9 : 11, letter, 1),
  ),
  ...row(37, [half, '22 Resubmission / number of the payer']),
  ...row(39, [half, '23 Authorisation']),
];

/** Columns of box 24, each with where it begins. */
const columns: readonly (readonly [number, string])[] = [
  [1, '24A From'],
  [10, 'To'],
  [19, 'B Place'],
  [22, 'C Emg'],
  [25, 'D Code and modifiers'],
  [45, 'E Diag'],
  [half, 'F Charge'],
  [59, 'G Units'],
  [63, 'H'],
  [65, 'I'],
  [68, 'J Rendering NPI'],
];

const lines = [1, 2, 3, 4, 5, 6];
const lineOf = (n: number): number => 42 + 2 * n;

const serviceCells: readonly Cell[] = [
  ...row(41, ...columns),
  ...lines.map((n): Cell => ({ ...cell(lineOf(n) - 1, 1, end - 1, '', 1), shaded: true })),
  ...lines.flatMap((n) => row(lineOf(n) - 1, ...columns.map(([col]) => [col, ''] as const))),
];

const lower: readonly Cell[] = [
  ...row(
    55,
    [1, '25 Tax number'],
    [22, '26 Account number'],
    [37, '27 Accepts'],
    [half, '28 Total'],
    [62, '29 Paid'],
    [72, '30 (reserved)'],
  ),
  cell(57, 1, 21, '31 Provider', 5),
  cell(57, 22, 28, '32 Where', 4),
  cell(57, half, end - half, '33 Biller', 4),
  cell(61, 22, 13, '32a', 1),
  cell(61, 35, 15, '32b', 1),
  cell(61, half, 13, '33a', 1),
  cell(61, 63, 18, '33b', 1),
];

const person = (box: string, line: number, col: number, phone: number, state: number): Field[] => [
  field(box, line, col),
  field(`${box}.city`, line + 2, col),
  field(`${box}.state`, line + 2, state),
  field(`${box}.zip`, line + 4, col),
  field(`${box}.area`, line + 4, phone),
  field(`${box}.phone`, line + 4, phone + 4),
];

const claimFields: readonly Field[] = [
  ...[1, 2, 3].map((n) => field(`payer.${n}`, n + 1, 41)),
  field('1a', 8, half),
  field('2', 10, 1),
  field('3', 10, 31),
  field('4', 10, half),
  ...person('5', 12, 1, 15, 26),
  ...person('7', 12, half, 65, 74),
  field('9', 18, 1),
  field('11', 18, half),
  field('9a', 20, 1),
  field('11a', 20, 53),
  field('10b.state', 22, 46),
  field('11b.qualifier', 22, half),
  field('11b', 22, 53),
  field('11c', 24, half),
  field('9d', 26, 1),
  field('10d', 26, 30.5),
  field('12', 29, 7),
  field('12.date', 29, 38),
  field('13', 29, 57),
  field('14', 32, 2),
  field('14.qualifier', 32, 16),
  field('15.qualifier', 32, 32),
  field('15', 32, 37),
  field('16.from', 32, 54),
  field('16.to', 32, 68),
  field('17a.qualifier', 33, 31),
  field('17a', 33, 33),
  field('17.qualifier', 34, 1),
  field('17', 34, 4),
  field('17b', 34, 33),
  field('18.from', 34, 54),
  field('18.to', 34, 68),
  field('19', 36, 1),
  rightField('20.charges', 36, 70),
  field('21.indicator', 37, 42),
  ...Array.from('ABCDEFGHIJKL').map((letter, i) =>
    field(`21.${letter}`, 38 + Math.floor(i / 4), 3 + 13 * (i % 4)),
  ),
  field('22', 38, half),
  field('22.reference', 38, 62),
  field('23', 40, half),
];

const lineFields = (n: number): Field[] => {
  const [below, above] = [lineOf(n), lineOf(n) - 1];
  const at = (box: string, line: number, col: number): Field => field(`24.${n}.${box}`, line, col);
  return [
    at('shaded', above, 1),
    at('H.shaded', above, 63),
    at('I', above, 65),
    at('J.shaded', above, 68),
    at('A.from', below, 1),
    at('A.to', below, 10),
    at('B', below, 19),
    at('C', below, 22.5),
    at('D', below, 25),
    ...[1, 2, 3, 4].map((m) => at(`D.modifier${m}`, below, 30 + 3 * m)),
    at('E', below, 45),
    rightField(`24.${n}.F`, below, 58),
    rightField(`24.${n}.G`, below, 62),
    at('H', below, 63),
    at('J', below, 68.5),
  ];
};

const lowerFields: readonly Field[] = [
  field('25', 56, 1),
  field('26', 56, 23),
  rightField('28', 56, 61),
  rightField('29', 56, 71),
  field('31', 60, 1),
  field('31.date', 61, 12),
  field('33.area', 57, 66),
  field('33.phone', 57, 70),
  ...[1, 2, 3].flatMap((n) => [field(`32.${n}`, 57 + n, 23), field(`33.${n}`, 57 + n, half)]),
  field('32a', 61, 24),
  field('32b', 61, 36),
  field('33a', 61, 51.5),
  field('33b', 61, 64.5),
];

const marks: readonly Mark[] = [
  markAt('1.medicare', 8, 1, 'Medicare'),
  markAt('1.medicaid', 8, 8, 'Medicaid'),
  markAt('1.tricare', 8, 15, 'TRICARE'),
  markAt('1.champva', 8, 24, 'CHAMPVA'),
  markAt('1.group', 8, 31, 'Group'),
  markAt('1.feca', 8, 39, 'FECA'),
  markAt('1.other', 8, 45, 'Other'),
  markAt('3.male', 10, 42, 'M'),
  markAt('3.female', 10, 47, 'F'),
  markAt('6.self', 12, 33, 'Self'),
  markAt('6.spouse', 12, 38, 'Spouse'),
  markAt('6.child', 12, 42, 'Child'),
  markAt('6.other', 12, 47, 'Other'),
  ...(['10a', '10b', '10c'] as const).flatMap((box, i) => [
    markAt(`${box}.yes`, 20 + 2 * i, 35, 'Yes'),
    markAt(`${box}.no`, 20 + 2 * i, 41, 'No'),
  ]),
  markAt('11a.male', 20, 68, 'M'),
  markAt('11a.female', 20, 75, 'F'),
  markAt('11d.yes', 26, 52, 'Yes'),
  markAt('11d.no', 26, 57, 'No'),
  markAt('20.yes', 36, 52, 'Yes'),
  markAt('20.no', 36, 57, 'No'),
  markAt('25.ssn', 56, 17, 'SSN'),
  markAt('25.ein', 56, 19, 'EIN'),
  markAt('27.yes', 56, 38, 'Yes'),
  markAt('27.no', 56, 43, 'No'),
];

export const cms1500Layout: Layout = {
  title: 'CMS-1500 (02/12)',
  left: 20,
  top: 28,
  scale: 0.96,
  cells: [...upper, ...serviceCells, ...lower],
  fields: [...claimFields, ...lines.flatMap(lineFields), ...lowerFields],
  marks,
};
