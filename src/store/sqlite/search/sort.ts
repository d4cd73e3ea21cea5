import type { SortKey } from '../../../search/query.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import type { SortValue } from '../kind.ts';
import { kinds } from '../kinds.ts';
import type { Position } from './cursor.ts';
import { sqlFragment, type SqlFragment } from './sqlFragment.ts';

export interface SortColumn extends SortValue {
  readonly descending: boolean;
}

/** Sort keys as columns; of several values of a resource the least counts, the greatest when descending. */
export const sortColumns = (state: SqliteState, sort: readonly SortKey[], candidates: number): SortColumn[] =>
  sort.map(({ parameter, descending }, i) => {
    if (parameter === '_id') return { value: resourceColumn('id'), descending };
    if (parameter === '_lastUpdated') return { value: resourceColumn('updated'), descending };
    const codes = parameter.from?.map(({ code }) => code) ?? [parameter.code];
    const numbers = codes.map((code) => state.names.byCode(parameter.type, code));
    const context = { state, parameter, descending, codes, numbers, candidates, alias: `s${i}` };
    return { ...kinds[parameter.kind].sort(context), descending };
  });

const resourceColumn = (column: string): SqlFragment =>
  sqlFragment(`(SELECT ${column} FROM resource WHERE rid = d.rid)`);

/** True for the rows after a position; those without a value come last, either way. */
export function after(columns: readonly SortColumn[], { keys, rid }: Position): SqlFragment {
  const ways: SqlFragment[] = [];
  const equal: SqlFragment[] = [];
  const add = (last: SqlFragment): void => {
    const all = [...equal, last];
    ways.push(sqlFragment(all.map((p) => p.sql).join(' AND '), ...all.flatMap((p) => p.values)));
  };
  columns.forEach(({ descending }, i) => {
    const key = keys[i] ?? null;
    if (key !== null) add(sqlFragment(`(k${i} ${descending ? '<' : '>'} ? OR k${i} IS NULL)`, key));
    equal.push(sqlFragment(`k${i} IS ?`, key));
  });
  add(sqlFragment('rid > ?', rid));
  return sqlFragment(`(${ways.map((w) => `(${w.sql})`).join(' OR ')})`, ...ways.flatMap((w) => w.values));
}
