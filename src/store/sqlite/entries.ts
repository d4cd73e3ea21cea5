import type { SQLInputValue } from 'node:sqlite';
import type { IndexEntry } from '../../search/query.ts';
import { implied } from './names.ts';
import type { Shared } from './shared.ts';

const columns = {
  token: ['parameter', 'code', 'rid', 'system'],
  reference: ['target', 'parameter', 'rid'],
  date: ['rid', 'parameter', 'low', 'high'],
  string: ['rid', 'parameter', 'folded', 'exact'],
  quantity: ['rid', 'parameter', 'low', 'high', 'system', 'code'],
} as const;
type Table = keyof typeof columns;
const tables = Object.keys(columns) as Table[];

/** Rows that one statement writes at most: each row less is a call less. */
const most = 16;

const insertOf = (table: Table, rows: number): string => {
  const row = `(${columns[table].map(() => '?').join(', ')})`;
  const all = Array.from({ length: rows }, () => row).join(', ');
  return `INSERT OR IGNORE INTO ${table} (${columns[table].join(', ')}) VALUES ${all}`;
};
const perTable = <T>(of: (table: Table) => T): Record<Table, T> =>
  Object.fromEntries(tables.map((table) => [table, of(table)])) as Record<Table, T>;
const inserts = perTable((table) => Array.from({ length: most }, (_, i) => insertOf(table, i + 1)));
const deletes = perTable(
  (table) => `DELETE FROM ${table} WHERE ${columns[table].map((name) => `${name} = ?`).join(' AND ')}`,
);

/** The values of the rows of each table, one row after the other. */
type Rows = Record<Table, SQLInputValue[]>;

/** Writes index entries of a resource, or takes them away; an entry that is there already is no matter. */
export function writeEntries(
  shared: Shared,
  doing: 'add' | 'remove',
  rid: number,
  entries: Iterable<IndexEntry>,
): void {
  const rows: Rows = { token: [], reference: [], date: [], string: [], quantity: [] };
  for (const entry of entries) collect(rows, shared, rid, entry);
  for (const table of tables) {
    const values = rows[table];
    if (values.length === 0) continue;
    const width = columns[table].length;
    const step = width * (doing === 'add' ? most : 1);
    for (let at = 0; at < values.length; at += step) {
      const some = values.length <= step ? values : values.slice(at, at + step);
      const sql = doing === 'add' ? inserts[table][some.length / width - 1] : deletes[table];
      if (sql === undefined) throw new Error('a row of the index is not whole');
      shared.database.run(sql, ...some);
    }
  }
}

/** Writes all entries of a resource that has none. */
export function addEntries(shared: Shared, rid: number, entries: readonly IndexEntry[]): void {
  noteSeveral(shared, entries);
  writeEntries(shared, 'add', rid, entries);
}

/** Notes the parameters of which a resource has several dates; `entries` are all that it has. */
export function noteSeveral({ names }: Shared, entries: readonly IndexEntry[]): void {
  const first = new Map<number, { readonly low: number; readonly high: number }>();
  for (const entry of entries) {
    if (entry.kind !== 'date') continue;
    const no = names.parameter(entry.parameter);
    const other = first.get(no);
    if (!other) first.set(no, entry);
    else if (other.low !== entry.low || other.high !== entry.high) names.parameters.foundSeveral(no);
  }
}

function collect(rows: Rows, { names }: Shared, rid: number, entry: IndexEntry): void {
  switch (entry.kind) {
    case 'token': {
      const system = entry.system === undefined ? implied : names.internSystem(entry.system);
      rows.token.push(names.parameter(entry.parameter), entry.code, rid, system);
      return;
    }
    case 'reference': {
      const type = entry.type ? names.type(entry.type) : 0;
      const target = names.targets.intern(type, entry.id);
      rows.reference.push(target, names.parameter(entry.parameter), rid);
      return;
    }
    case 'date':
      rows.date.push(rid, names.parameter(entry.parameter), entry.low, entry.high);
      return;
    case 'string':
      rows.string.push(rid, names.parameter(entry.parameter), entry.folded, entry.exact);
      return;
    case 'quantity': {
      const { low, high, system, code } = entry;
      const unit = names.internSystem(system);
      rows.quantity.push(rid, names.parameter(entry.parameter), low, high, unit, code);
      return;
    }
    case 'composite': // tested on the resource itself
  }
}
