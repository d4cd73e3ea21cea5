import type { SQLInputValue } from 'node:sqlite';
import type { Resource } from '@medplum/fhirtypes';
import { extract } from '../../../search/extract.ts';
import type { IndexEntry } from '../../../search/query.ts';
import { rowSignatureOf, type RowSignature } from './rowSignature.ts';
import { kinds } from '../kinds.ts';
import { columns, type Rows, type Table } from './table.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

const signatureColumns = ['about', 'mark', 'day'] as const;
const tables = Object.keys(columns) as Table[];

/** Most rows that one statement writes: fewer statements cost less than many of one row. */
const rowsPerInsertMax = 16;

const widthOf = (table: Table): number => columns[table].length + signatureColumns.length;
const insertOf = (doing: 'IGNORE' | 'REPLACE', table: Table, rows: number): string => {
  const names = [...columns[table], ...signatureColumns];
  const row = `(${names.map(() => '?').join(', ')})`;
  const all = Array.from({ length: rows }, () => row).join(', ');
  return `INSERT OR ${doing} INTO ${table} (${names.join(', ')}) VALUES ${all}`;
};
const perTable = <T>(of: (table: Table) => T): Record<Table, T> =>
  Object.fromEntries(tables.map((table) => [table, of(table)])) as Record<Table, T>;
const insertsOf = (doing: 'IGNORE' | 'REPLACE'): Record<Table, string[]> =>
  perTable((table) => Array.from({ length: rowsPerInsertMax }, (_, i) => insertOf(doing, table, i + 1)));
const inserts = { add: insertsOf('IGNORE'), renew: insertsOf('REPLACE') };
const deletes = perTable(
  (table) => `DELETE FROM ${table} WHERE ${columns[table].map((name) => `${name} = ?`).join(' AND ')}`,
);

/** What the index rows have of their resource. */
interface Indexed {
  readonly rid: number;
  readonly signature: RowSignature;
}

/** Writes index entries of a resource; an existing row stays, or with `renew` gets the present signature. */
export function writeEntries(
  state: SqliteState,
  doing: 'add' | 'renew',
  { rid, signature: { about, mark, day } }: Indexed,
  entries: Iterable<IndexEntry>,
): void {
  const rows = rowsOf(state, rid, entries, [about, mark, day]);
  for (const table of tables)
    eachPart(rows[table], widthOf(table) * rowsPerInsertMax, (values) => {
      const sql = inserts[doing][table][values.length / widthOf(table) - 1];
      if (sql === undefined) throw new Error('a row of the index is not whole');
      state.database.run(sql, ...values);
    });
}

/** Takes index entries of a resource away. */
export function removeEntries(state: SqliteState, rid: number, entries: Iterable<IndexEntry>): void {
  const rows = rowsOf(state, rid, entries, []);
  for (const table of tables)
    eachPart(rows[table], columns[table].length, (values) => {
      state.database.run(deletes[table], ...values);
    });
}

function eachPart(
  values: SQLInputValue[],
  length: number,
  write: (part: readonly SQLInputValue[]) => void,
): void {
  if (values.length === 0) return;
  if (values.length <= length) write(values);
  else for (let at = 0; at < values.length; at += length) write(values.slice(at, at + length));
}

/** Writes all entries of a resource that has none. */
export function addEntries(
  state: SqliteState,
  rid: number,
  resource: Resource,
  entries: readonly IndexEntry[] = extract(resource, state),
): void {
  noteSeveral(state, entries);
  const signature = rowSignatureOf(state.names, resource, entries);
  writeEntries(state, 'add', { rid, signature }, entries);
}

/** Notes the parameters of which a resource has several dates; `entries` are all that it has. */
export function noteSeveral({ names }: SqliteState, entries: readonly IndexEntry[]): void {
  const first = new Map<number, { readonly low: number; readonly high: number }>();
  for (const entry of entries) {
    if (entry.kind !== 'date') continue;
    const no = names.parameter(entry.parameter);
    const other = first.get(no);
    if (!other) first.set(no, entry);
    else if (other.low !== entry.low || other.high !== entry.high) names.parameters.foundSeveral(no);
  }
}

/** Entries as rows, each with the signature behind its own values. */
function rowsOf(
  { names }: SqliteState,
  rid: number,
  entries: Iterable<IndexEntry>,
  signature: readonly SQLInputValue[],
): Rows {
  const rows: Rows = { token: [], reference: [], date: [], string: [], quantity: [] };
  const context = { names, rid, signature, rows };
  for (const entry of entries) {
    const no = names.parameter(entry.parameter);
    kinds[entry.kind].encode(entry, no, context);
  }
  return rows;
}
