import type { Resource } from '@medplum/fhirtypes';
import { extract } from '../../../search/extract.ts';
import type { SearchParameter, SortKey } from '../../../search/query.ts';
import { sqlFragment, type SqlFragment } from './sqlFragment.ts';
import type { Position } from './cursor.ts';
import { placesOf } from './place.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

/** What rows are sorted by: a value of candidate `d.rid`, and what has to be joined for it. */
export interface SortColumn {
  readonly value: SqlFragment;
  readonly join?: SqlFragment;
  readonly descending: boolean;
}

/** Sort keys as columns; of several values of a resource the least counts, the greatest when descending. */
export const sortColumns = (state: SqliteState, sort: readonly SortKey[], candidates: number): SortColumn[] =>
  sort.map(({ parameter, descending }, i) => {
    if (parameter === '_id') return { value: resourceColumn('id'), descending };
    if (parameter === '_lastUpdated') return { value: resourceColumn('updated'), descending };
    const codes = parameter.from?.map(({ code }) => code) ?? [parameter.code];
    const numbers = codes.map((code) => state.names.byCode(parameter.type, code));
    const among = `parameter IN (${numbers.map(() => '?').join(', ')})`;
    const best = (column: string): string => `${descending ? 'max' : 'min'}(${column})`;
    const ofResource = (table: string, value: string): SortColumn => ({
      value: sqlFragment(`(SELECT ${value} FROM ${table} WHERE rid = d.rid AND ${among})`, ...numbers),
      descending,
    });
    switch (parameter.kind) {
      case 'date':
        return ofResource('date', best('low'));
      case 'string':
        return ofResource('string', best('folded'));
      case 'number':
      case 'quantity':
        return ofResource('quantity', best('low'));
      case 'reference': {
        const where = [
          sqlFragment(`reference.rid = d.rid AND ${among}`, ...numbers),
          ...toTargets(state, parameter),
        ];
        return {
          value: sqlFragment(
            `(SELECT ${best('target.id')} FROM reference CROSS JOIN target ON target.no = reference.target ` +
              `WHERE ${where.map(({ sql }) => sql).join(' AND ')})`,
            ...where.flatMap(({ values }) => values),
          ),
          descending,
        };
      }
      default: {
        if (candidates < fewTokens) {
          const first = firstCode(codes, descending, state);
          return { value: sqlFragment(state.scans.ask(first)('d.rid')), descending };
        }
        const values = `SELECT rid, ${best('code')} AS value FROM token WHERE ${among} GROUP BY rid`;
        const join = sqlFragment(`LEFT JOIN (${values}) s${i} ON s${i}.rid = d.rid`, ...numbers);
        return { value: sqlFragment(`s${i}.value`), join, descending };
      }
    }
  });

/** Where a parameter is of others to one target type only (`patient`): only references to that count. */
function toTargets({ names }: SqliteState, parameter: SearchParameter): SqlFragment[] {
  const places = placesOf(names, parameter);
  if (places.every(({ target }) => target === undefined)) return [];
  const ways = places.map(({ no, target }) =>
    target === undefined
      ? sqlFragment('reference.parameter = ?', no)
      : sqlFragment('(reference.parameter = ? AND target.type = ?)', no, names.type(target)),
  );
  return [
    sqlFragment(`(${ways.map(({ sql }) => sql).join(' OR ')})`, ...ways.flatMap(({ values }) => values)),
  ];
}

/** Candidates up to which their codes are read from the resources: the index of tokens is in order of codes. */
const fewTokens = 400;

/** The least code of a resource, the greatest when descending, in the order that SQLite has. */
export const firstCode =
  (codes: readonly string[], descending: boolean, state: SqliteState) =>
  (resource: Resource): string | null => {
    const found = extract(resource, state).flatMap((entry) =>
      entry.kind === 'token' && codes.includes(entry.parameter.code) ? [entry.code] : [],
    );
    const sign = descending ? -1 : 1;
    return found.sort((a, b) => sign * Buffer.compare(Buffer.from(a), Buffer.from(b)))[0] ?? null;
  };

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
