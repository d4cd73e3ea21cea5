import type { ResourceType } from '@medplum/fhirtypes';
import type { Filter, FilterValue, SearchParameter } from '../../../search/query.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import type { Names } from '../index/names.ts';
import { kinds } from '../kinds.ts';
import { always, either, inverse, never, type Condition } from './condition.ts';
import { inList } from './listed.ts';
import { placesOf } from './place.ts';
import { join, sqlFragment, type SqlFragment } from './sqlFragment.ts';

/** A criterion on one parameter, as SQL. */
export function compileFilter(state: SqliteState, filter: Filter): Condition {
  const { parameter, modifier, values } = filter;
  const { names } = state;
  if (modifier === 'in' || modifier === 'not-in') throw new Error(`:${modifier} reached the store`);
  if (modifier === 'missing') return missing(names, parameter, values[0]?.text === 'true');
  const any = listed(names, filter) ?? either(values.map(valueCondition(state, filter)));
  return modifier === 'not' ? inverse(any) : any;
}

/** One value of a filter. */
function valueCondition(
  state: SqliteState,
  { parameter, modifier }: Filter,
): (value: FilterValue) => Condition {
  const { names } = state;
  const { type, code, kind } = parameter;
  if (code === '_id') return (value) => id(names, type, value);
  if (code === '_lastUpdated') return (value) => lastUpdated(names, type, value);
  const { filter } = kinds[kind];
  const contexts = placesOf(names, parameter).map((place) => ({ state, parameter, modifier, place }));
  return (value) => either(contexts.map((context) => filter(context, value)));
}

/** Alternatives beyond which they are looked up in a list, not spelled one by one. */
const manyValues = 8;

/** Many alternatives of a token, a reference or an id, as one list; undefined where they are few or of other kinds. */
function listed(names: Names, { parameter, modifier, values }: Filter): Condition | undefined {
  if (values.length <= manyValues || (modifier !== undefined && modifier !== 'not')) return undefined;
  if (parameter.code !== '_id')
    return kinds[parameter.kind].list?.(names, placesOf(names, parameter), values);
  const type = names.type(parameter.type);
  const where = (alias: string): SqlFragment =>
    sqlFragment(`${alias}.type = ? AND ${alias}.id = v.value AND ${alias}.method < 2`, type);
  return inList({ table: 'resource', list: values.map(({ code }) => code), where });
}

/** True for candidates that have no (or some) entry of a parameter. */
function missing(names: Names, parameter: SearchParameter, wanted: boolean): Condition {
  if (parameter.code === '_id' || parameter.code === '_lastUpdated') return wanted ? never : always;
  const { present } = kinds[parameter.kind];
  const there = (at: string): SqlFragment[] =>
    placesOf(names, parameter).map((place) => present(names, place, at));
  const some: Condition = { test: (at) => join(there(at), ' OR ', '0'), cost: 2 };
  return wanted ? inverse(some) : some;
}

function id(names: Names, type: ResourceType, { code = '' }: FilterValue): Condition {
  return {
    accessPaths: [
      {
        from: sqlFragment('resource d'),
        where: sqlFragment('d.type = ? AND d.id = ? AND d.method < 2', names.type(type), code),
        ordered: true,
      },
    ],
    test: (at) => sqlFragment(`EXISTS (SELECT 1 FROM resource WHERE rid = ${at} AND id = ?)`, code),
    cost: 1,
  };
}

function lastUpdated(names: Names, type: ResourceType, value: FilterValue): Condition {
  const range = momentRange('updated', value);
  const where = sqlFragment(`type = ? AND method < 2 AND ${range.sql}`, names.type(type), ...range.values);
  return {
    accessPaths: [{ from: sqlFragment('resource d INDEXED BY resource_updated'), where, ordered: false }],
    test: (at) =>
      sqlFragment(`EXISTS (SELECT 1 FROM resource WHERE rid = ${at} AND ${range.sql})`, ...range.values),
    cost: 1,
  };
}

/** What an ordered search value asks of a moment, which lasts a millisecond. */
function momentRange(column: string, { prefix, low = 0, high = 0 }: FilterValue): SqlFragment {
  switch (prefix) {
    case 'ne':
      return sqlFragment(`(${column} < ? OR ${column} >= ?)`, low, high);
    case 'gt':
    case 'sa':
      return sqlFragment(`${column} >= ?`, high);
    case 'lt':
    case 'eb':
      return sqlFragment(`${column} < ?`, low);
    case 'ge':
      return sqlFragment(`${column} >= ?`, low);
    case 'le':
      return sqlFragment(`${column} < ?`, high);
    default:
      return sqlFragment(`(${column} >= ? AND ${column} < ?)`, low, high);
  }
}
