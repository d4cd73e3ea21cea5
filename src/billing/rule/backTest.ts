import type { ParametersParameter } from '@medplum/fhirtypes';
import { add, toMoney, toText, zero, type Cents } from '../../datatypes/cents.ts';

/** What a rule would have done with one claim that was sent, and what came of the claim. */
export interface Past {
  readonly claim: string; // Claim/1
  readonly payer: string; // Organization/1; empty: none
  readonly isStopped: boolean;
  readonly denied: Cents | undefined; // what was denied for the reason of the rule; undefined: nothing
}

/** The table of a back-test: a row for each payer. */
export interface Row {
  readonly payer: string;
  readonly claims: number;
  readonly stopped: number;
  readonly rightly: number; // stopped, and denied for the reason of the rule
  readonly missed: number; // not stopped, and denied for it all the same
  readonly prevented: Cents; // denied on those that were stopped rightly
}

export interface Table {
  readonly rows: readonly Row[];
  readonly total: Row;
  readonly wrongly: readonly string[]; // the first claims that were stopped and not denied for the reason
}

const shownMax = 20;
const none = (payer: string): Row => ({
  ...{ payer, claims: 0, stopped: 0, rightly: 0, missed: 0, prevented: zero },
});

const counted = (row: Row, { isStopped, denied }: Past): Row => ({
  payer: row.payer,
  claims: row.claims + 1,
  stopped: row.stopped + (isStopped ? 1 : 0),
  rightly: row.rightly + (isStopped && denied !== undefined ? 1 : 0),
  missed: row.missed + (!isStopped && denied !== undefined ? 1 : 0),
  prevented: isStopped && denied !== undefined ? add(row.prevented, denied) : row.prevented,
});

/** Counts claims by payer and in all. */
export function tableOf(past: readonly Past[]): Table {
  const rows = new Map<string, Row>();
  let total = none('');
  for (const one of past) {
    rows.set(one.payer, counted(rows.get(one.payer) ?? none(one.payer), one));
    total = counted(total, one);
  }
  const wrongly = past.filter(({ isStopped, denied }) => isStopped && denied === undefined);
  return {
    rows: [...rows.values()].sort((a, b) => b.stopped - a.stopped || (a.payer < b.payer ? -1 : 1)),
    total,
    wrongly: wrongly.slice(0, shownMax).map(({ claim }) => claim),
  };
}

const cellsOf = (row: Row): (readonly [name: string, count: number])[] => [
  ['claims', row.claims],
  ['stopped', row.stopped],
  ['rightly', row.rightly],
  ['wrongly', row.stopped - row.rightly],
  ['missed', row.missed],
];

/** A row as a parameter of an answer. */
export const rowParameter = (name: string, row: Row): ParametersParameter => ({
  name,
  part: [
    ...(row.payer === '' ? [] : [{ name: 'payer', valueReference: { reference: row.payer } }]),
    ...cellsOf(row).map(([name, valueInteger]) => ({ name, valueInteger })),
    { name: 'prevented', valueMoney: toMoney(row.prevented) },
  ],
});

/** The table as comma-separated values (RFC 4180), the whole last. */
export function csvOf({ rows, total }: Table): string {
  const line = (row: Row, payer: string): string =>
    [payer, ...cellsOf(row).map(([, n]) => n), toText(row.prevented).replaceAll(',', '')].join(',');
  const head = ['payer', ...cellsOf(total).map(([name]) => name), 'prevented'].join(',');
  return [head, ...rows.map((row) => line(row, row.payer)), line(total, 'all')]
    .map((l) => `${l}\r\n`)
    .join('');
}
