import type { Filter, FilterValue } from '../../../search/query.ts';
import { either, never, type Condition } from './condition.ts';
import { implied, none, nowhere, type Names } from '../index/names.ts';
import { sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { placesOf, type Place } from './place.ts';

/** Alternatives beyond which they are looked up in a list, not spelled one by one. */
const manyValues = 8;

/** Many alternatives of a token, a reference or an id, as one list; undefined where they are few or of other kinds. */
export function several(names: Names, { parameter, modifier, values }: Filter): Condition | undefined {
  if (values.length <= manyValues || (modifier !== undefined && modifier !== 'not')) return undefined;
  if (parameter.code === '_id') {
    const type = names.type(parameter.type);
    const where = (alias: string): SqlFragment =>
      sqlFragment(`${alias}.type = ? AND ${alias}.id = v.value AND ${alias}.method < 2`, type);
    return inList({ table: 'resource', list: values.map(({ code }) => code), where });
  }
  const places = placesOf(names, parameter);
  if (parameter.kind === 'token' && values.every(({ code }) => code !== undefined))
    return either(places.map(({ no }) => tokens(names, no, values)));
  if (parameter.kind === 'reference') return either(places.map((place) => references(names, place, values)));
  return undefined;
}

/** Rows whose value is in a list `v`, by their alias. */
interface Listed {
  readonly table: 'token' | 'reference' | 'resource';
  readonly list: readonly unknown[];
  readonly where: (alias: string) => SqlFragment;
}

/** Asked for each candidate where they and the list are short, else looked up once. */
function inList({ table, list, where }: Listed): Condition {
  if (list.length === 0) return never;
  const json = JSON.stringify(list);
  const from = (alias: string): SqlFragment =>
    sqlFragment(`json_each(?) v CROSS JOIN ${table} ${alias}`, json);
  const rows = (alias: string, more: string): SqlFragment => {
    const { sql, values } = where(alias);
    return sqlFragment(`FROM ${from(alias).sql} WHERE ${sql}${more}`, json, ...values);
  };
  return {
    accessPaths: [{ from: from('d'), where: where('d'), ordered: false, hasSignature: table !== 'resource' }],
    test: (at, candidates) => {
      const isShort = candidates * list.length < 20_000;
      const { sql, values } = rows('listed', isShort ? ` AND listed.rid = ${at}` : '');
      return isShort
        ? sqlFragment(`EXISTS (SELECT 1 ${sql})`, ...values)
        : sqlFragment(`${at} IN (SELECT listed.rid ${sql})`, ...values);
    },
    cost: 1,
  };
}

function tokens(names: Names, no: number, values: readonly FilterValue[]): Condition {
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

function references(names: Names, place: Place, values: readonly FilterValue[]): Condition {
  const list = values.flatMap((value) => targetsOf(names, place, value));
  const where = (alias: string): SqlFragment =>
    sqlFragment(`${alias}.target = v.value AND ${alias}.parameter = ?`, place.no);
  return inList({ table: 'reference', list, where });
}

/** The numbers of what a value names, where anything refers to it. */
export function targetsOf(names: Names, place: Place, { target }: FilterValue): number[] {
  if (!target) return [];
  if ('url' in target) return place.target ? [] : known([names.targets.find(0, target.url)]);
  const types = target.types.filter((type) => place.target === undefined || place.target === type);
  return known(types.map((type) => names.targets.find(names.type(type), target.id)));
}
const known = (numbers: readonly number[]): number[] => numbers.filter((no) => no !== nowhere);
