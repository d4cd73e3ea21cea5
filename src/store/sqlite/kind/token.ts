import type { Resource } from '@medplum/fhirtypes';
import { extract } from '../../../search/extract.ts';
import type { Filter, FilterValue } from '../../../search/query.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import { implied, none, nowhere, type Names } from '../index/names.ts';
import { isMarked, mayHave } from '../index/rowSignature.ts';
import type { FilterContext, SortContext, SortValue, SqliteKind } from '../kind.ts';
import { byValue } from '../search/byIndex.ts';
import { either, never, type Condition } from '../search/condition.ts';
import { inList } from '../search/listed.ts';
import { best, ofParameters } from '../search/sortValue.ts';
import { sqlFragment, type SqlFragment } from '../search/sqlFragment.ts';

export function tokenCondition(
  { state: { names }, parameter, place: { no } }: FilterContext,
  { system, code }: FilterValue,
): Condition {
  const systems =
    system === undefined
      ? []
      : [system === '' ? none : names.system(system), ...(code === undefined ? [] : [implied])];
  if (code === undefined)
    return systems[0] === nowhere
      ? never
      : byValue('token', sqlFragment('parameter = ? AND system = ?', no, ...systems), false);
  const among = systems.length > 0 ? ' AND system IN (?, ?)' : '';
  return {
    ...byValue('token', sqlFragment(`parameter = ? AND code = ?${among}`, no, code, ...systems)),
    ...(!parameter.from && isMarked(parameter)
      ? { hint: { where: mayHave(names, parameter.type, no, code), asks: false } }
      : {}),
  };
}

/** Codes or URIs with a part in them, or at their end; case counts. */
export const partOf = (
  no: number,
  modifier: 'contains' | 'ends',
  { text, code = text }: FilterValue,
): Condition =>
  byValue(
    'token',
    modifier === 'contains'
      ? sqlFragment('parameter = ? AND instr(code, ?) > 0', no, code)
      : sqlFragment('parameter = ? AND substr(code, -length(?)) = ?', no, code, code),
    false,
  );

export const isPart = (modifier: Filter['modifier']): modifier is 'contains' | 'ends' =>
  modifier === 'contains' || modifier === 'ends';

function tokenList(names: Names, no: number, values: readonly FilterValue[]): Condition {
  const list = values.map(({ system, code }) => [
    code,
    system === undefined ? null : system === '' ? none : names.system(system),
  ]);
  const where = (alias: string): SqlFragment =>
    sqlFragment(
      `${alias}.parameter = ? AND ${alias}.code = v.value->>0 ` +
        `AND (v.value->>1 IS NULL OR ${alias}.system IN (v.value->>1, ?))`,
      ...[no, implied],
    );
  return inList({ table: 'token', list, where });
}

/** True for the candidate that has a token of the parameter: an identifier of a reference is one, too. */
export const hasToken = (no: number, at: string): SqlFragment =>
  sqlFragment(`${at} IN (SELECT rid FROM token WHERE parameter = ?)`, no);

/** Candidates up to which their codes are read from the resources: the index of tokens is in order of codes. */
const fewTokens = 400;

/** The least code of a resource, the greatest when descending, in the order that SQLite has. */
const firstCode =
  (codes: readonly string[], descending: boolean, state: SqliteState) =>
  (resource: Resource): string | null => {
    const found = extract(resource, state).flatMap((entry) =>
      entry.kind === 'token' && codes.includes(entry.parameter.code) ? [entry.code] : [],
    );
    const sign = descending ? -1 : 1;
    return found.sort((a, b) => sign * Buffer.compare(Buffer.from(a), Buffer.from(b)))[0] ?? null;
  };

function sort(context: SortContext): SortValue {
  const { state, codes, descending, candidates, alias } = context;
  if (candidates < fewTokens)
    return { value: sqlFragment(state.scans.ask(firstCode(codes, descending, state))('d.rid')) };
  const among = ofParameters(context);
  const values = `SELECT rid, ${best(context, 'code')} AS value FROM token WHERE ${among.sql} GROUP BY rid`;
  return {
    value: sqlFragment(`${alias}.value`),
    join: sqlFragment(`LEFT JOIN (${values}) ${alias} ON ${alias}.rid = d.rid`, ...among.values),
  };
}

/** One row of those that differ in their system only. */
const isOneOfSystems =
  'NOT EXISTS (SELECT 1 FROM token o WHERE o.parameter = d.parameter AND o.code = d.code AND o.rid = d.rid AND o.system < d.system)';

export const tokenKind: SqliteKind = {
  encode: (entry, no, { names, rid, signature, rows }) => {
    if (entry.kind !== 'token') return;
    const system = entry.system === undefined ? implied : names.internSystem(entry.system);
    rows.token.push(no, entry.code, rid, system, ...signature);
  },
  filter: (context, value) =>
    isPart(context.modifier)
      ? partOf(context.place.no, context.modifier, value)
      : tokenCondition(context, value),
  list: (names, places, values) =>
    values.every(({ code }) => code !== undefined)
      ? either(places.map(({ no }) => tokenList(names, no, values)))
      : undefined,
  present: (_, { no }, at) => hasToken(no, at),
  sort,
  order: (state, { code }, isDescending) => {
    const first = state.scans.ask(firstCode([code], isDescending, state))('d.rid');
    const isFirst = sqlFragment(`${isOneOfSystems} AND d.code = ${first}`);
    return { table: 'token', index: '', column: 'code', isFirst };
  },
};
