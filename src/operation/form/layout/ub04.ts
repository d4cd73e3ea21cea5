import { cell, field, rightField, type Cell, type Field, type Layout } from './layout.ts';

const end = 84;

/** A row of boxes from left to right: each begins where the one before ends. */
const row = (
  line: number,
  height: number,
  ...boxes: readonly (readonly [col: number, label: string])[]
): Cell[] => boxes.map(([col, label], i) => cell(line, col, (boxes[i + 1]?.[0] ?? end) - col, label, height));

const heading: readonly Cell[] = [
  cell(1, 1, 26, '1', 4),
  cell(1, 27, 26, '2', 4),
  cell(1, 53, 27, '3a', 1),
  cell(1, 80, 4, '4', 2),
  cell(2, 53, 27, '3b', 1),
  ...row(3, 2, [53, '5 Tax number'], [64, '6 From'], [71, 'Through'], [78, '7']),
  ...row(5, 1, [1, '8a'], [32, '9a']),
  ...row(6, 1, [1, '8b'], [32, '9b'], [65, 'c'], [69, 'd'], [80, 'e']),
  ...row(
    7,
    2,
    [1, '10 Born'],
    [10, '11'],
    [13, '12 Admitted'],
    [20, '13'],
    [23, '14'],
    [26, '15'],
    [29, '16'],
    [32, '17'],
    ...Array.from({ length: 11 }, (_, i) => [35 + 3 * i, String(18 + i)] as const),
    [68, '29'],
    [71, '30'],
  ),
  ...row(
    9,
    3,
    ...Array.from({ length: 4 }, (_, i) => [1 + 10 * i, `${31 + i} Occurrence`] as const),
    [41, '35 Span'],
    [58, '36 Span'],
    [75, '37'],
  ),
  cell(12, 1, 41, '38 Responsible', 6),
  ...row(12, 6, [42, '39 Value'], [56, '40 Value'], [70, '41 Value']),
];

const columns: readonly (readonly [number, string])[] = [
  [1, '42 Rev'],
  [6, '43 Description'],
  [31, '44 HCPCS / rate'],
  [46, '45 Date'],
  [53, '46 Units'],
  [61, '47 Charge'],
  [72, '48 Not covered'],
  [82, '49'],
];

const lines = Array.from({ length: 22 }, (_, i) => i + 1);
const lineOf = (n: number): number => 18 + n;
const noLabels = columns.map(([col]) => [col, ''] as const);

const diagnosisCells = (line: number, from: number, letters: string): Cell[] =>
  Array.from(letters).map((letter, i) => cell(line, from + 9 * i, 9, letter, 1));

const lower: readonly Cell[] = [
  ...row(
    42,
    4,
    [1, '50 Payer'],
    [24, '51 Plan id'],
    [40, '52'],
    [43, '53'],
    [46, '54 Paid before'],
    [58, '55 Due'],
  ),
  cell(42, 70, 14, '56', 1),
  cell(43, 70, 14, '57', 3),
  ...row(
    46,
    4,
    [1, '58 Insured'],
    [27, '59'],
    [30, '60 Member id'],
    [51, '61 Group'],
    [66, '62 Group number'],
  ),
  ...row(50, 4, [1, '63 Authorisation'], [32, '64 Number of the payer'], [59, '65 Employer']),
  cell(54, 1, 2, '66', 2),
  cell(54, 3, 9, '67', 1),
  ...diagnosisCells(54, 12, 'ABCDEFGH'),
  ...diagnosisCells(55, 3, 'IJKLMNOPQ'),
  ...row(
    56,
    2,
    [1, '69 Admitting'],
    [10, '70 Reason a'],
    [19, 'b'],
    [28, 'c'],
    [37, '71 DRG'],
    [44, '72 External cause a'],
    [54, 'b'],
    [64, 'c'],
    [74, '73'],
  ),
  ...row(58, 2, [1, '74 Principal procedure'], [17, 'a'], [33, 'b'], [49, '75'])
    .slice(0, 4)
    .map((c) => (c.col === 49 ? { ...c, width: 3 } : c)),
  ...row(60, 2, [1, 'c'], [17, 'd'], [33, 'e'], [49, '']).map((c) => (c.col === 49 ? { ...c, width: 3 } : c)),
  cell(62, 1, 25, '80 Remarks', 4),
  cell(62, 26, 26, '81 Codes', 4),
  ...['76 Attending', '77 Operating', '78 Other', '79 Other'].map((label, i) =>
    cell(58 + 2 * i, 52, 32, label, 2),
  ),
];

const numbered = (count: number, make: (i: number) => readonly Field[]): Field[] =>
  Array.from({ length: count }, (_, i) => make(i)).flat();

const headingFields: readonly Field[] = [
  ...numbered(4, (i) => [field(`1.${i + 1}`, 1 + i, 2), field(`2.${i + 1}`, 1 + i, 28)]),
  field('3a', 1, 56),
  field('3b', 2, 56),
  field('4', 2, 80),
  field('5', 4, 53.5),
  field('6.from', 4, 64.5),
  field('6.through', 4, 71.5),
  field('8a', 5, 10),
  field('9a', 5, 42),
  field('8b', 6, 3),
  field('9b', 6, 34),
  field('9c', 6, 66.5),
  field('9d', 6, 70),
  field('9e', 6, 81),
  field('10', 8, 1.5),
  field('11', 8, 11),
  field('12', 8, 13.5),
  field('13', 8, 20.5),
  field('14', 8, 24),
  field('15', 8, 27),
  field('16', 8, 29.5),
  field('17', 8, 32.5),
  ...numbered(11, (i) => [field(`condition.${i + 1}`, 8, 35.5 + 3 * i)]),
  field('29', 8, 68.5),
  ...numbered(8, (i) => {
    const [col, line] = [1 + 10 * (i % 4), 10 + Math.floor(i / 4)];
    return [field(`occurrence.${i + 1}`, line, col + 0.3), field(`occurrence.${i + 1}.date`, line, col + 3)];
  }),
  ...numbered(4, (i) => {
    const [col, line] = [41 + 17 * (i % 2), 10 + Math.floor(i / 2)];
    const at = `span.${i + 1}`;
    return [
      field(at, line, col + 0.3),
      field(`${at}.from`, line, col + 3),
      field(`${at}.through`, line, col + 10),
    ];
  }),
  ...numbered(3, (i) => [field(`38.${i + 1}`, 14 + i, 2)]),
  ...numbered(12, (i) => {
    const [col, line] = [42 + 14 * (i % 3), 14 + Math.floor(i / 3)];
    return [field(`value.${i + 1}`, line, col + 0.5), rightField(`value.${i + 1}.amount`, line, col + 13)];
  }),
];

const lineFields = (n: number): Field[] => [
  field(`42.${n}`, lineOf(n), 1),
  field(`43.${n}`, lineOf(n), 6.5),
  field(`44.${n}`, lineOf(n), 31.5),
  field(`45.${n}`, lineOf(n), 46.5),
  rightField(`46.${n}`, lineOf(n), 60),
  rightField(`47.${n}`, lineOf(n), 71),
  rightField(`48.${n}`, lineOf(n), 81),
];

const totals: readonly Field[] = [
  field('42.23', 41, 1),
  field('page', 41, 13),
  field('pages', 41, 20),
  field('created', 41, 46.5),
  rightField('47.23', 41, 71),
];

const payerFields = (row: string, i: number): Field[] => [
  field(`50.${row}`, 43 + i, 1.3),
  field(`51.${row}`, 43 + i, 24.5),
  field(`52.${row}`, 43 + i, 41),
  field(`53.${row}`, 43 + i, 44),
  rightField(`54.${row}`, 43 + i, 57),
  rightField(`55.${row}`, 43 + i, 69),
  field(`58.${row}`, 47 + i, 1.3),
  field(`59.${row}`, 47 + i, 27.5),
  field(`60.${row}`, 47 + i, 30.5),
  field(`61.${row}`, 47 + i, 51.5),
  field(`62.${row}`, 47 + i, 66.5),
  field(`63.${row}`, 51 + i, 1.3),
  field(`64.${row}`, 51 + i, 32.5),
  field(`65.${row}`, 51 + i, 59),
];

const diagnosis = (box: string, line: number, col: number): Field[] => [
  field(box, line, col + 0.8),
  field(`${box}.poa`, line, col + 7.6),
];

const procedure = (box: string, line: number, col: number): Field[] => [
  field(box, line, col + 0.5),
  field(`${box}.date`, line, col + 9),
];

const lowerFields: readonly Field[] = [
  field('56', 42, 72),
  ...Array.from('ABC').flatMap(payerFields),
  field('66', 55, 1.3),
  ...diagnosis('67', 54, 3),
  ...Array.from('ABCDEFGH').flatMap((letter, i) => diagnosis(`67.${letter}`, 54, 12 + 9 * i)),
  ...Array.from('IJKLMNOPQ').flatMap((letter, i) => diagnosis(`67.${letter}`, 55, 3 + 9 * i)),
  field('69', 57, 1.5),
  ...Array.from('abc').flatMap((letter, i) => [
    field(`70.${letter}`, 57, 10.5 + 9 * i),
    field(`72.${letter}`, 57, 44.5 + 10 * i),
    field(`72.${letter}.poa`, 57, 52 + 10 * i),
  ]),
  field('71', 57, 38),
  ...procedure('74', 59, 1),
  ...Array.from('ab').flatMap((letter, i) => procedure(`74.${letter}`, 59, 17 + 16 * i)),
  ...Array.from('cde').flatMap((letter, i) => procedure(`74.${letter}`, 61, 1 + 16 * i)),
  ...[76, 77, 78, 79].flatMap((n, i) => [
    field(`team.${n}.qualifier`, 58 + 2 * i, 59.5),
    field(`team.${n}.npi`, 58 + 2 * i, 63),
    field(`team.${n}.last`, 59 + 2 * i, 53),
    field(`team.${n}.first`, 59 + 2 * i, 71),
  ]),
  ...numbered(4, (i) => [field(`80.${i + 1}`, 62 + i, 1.5)]),
  field('81.1.qualifier', 62, 33),
  field('81.1', 62, 37),
];

export const ub04Layout: Layout = {
  title: 'UB-04 (CMS-1450)',
  left: 8,
  top: 6,
  scale: 0.93,
  cells: [
    ...heading,
    ...row(18, 1, ...columns),
    ...lines.flatMap((n) => row(lineOf(n), 1, ...noLabels)),
    ...row(41, 1, ...columns.map(([col]) => [col, col === 6 ? 'Page / of' : ''] as const)),
    ...lower,
  ],
  fields: [...headingFields, ...lines.flatMap(lineFields), ...totals, ...lowerFields],
  marks: [],
};
