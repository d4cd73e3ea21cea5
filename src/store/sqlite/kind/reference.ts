import type { FilterValue } from '../../../search/query.ts';
import { nowhere, type Names } from '../index/names.ts';
import { isShared, mayHave } from '../index/rowSignature.ts';
import type { FilterContext, SortContext, SortValue, SqliteKind } from '../kind.ts';
import { byValue } from '../search/byIndex.ts';
import { either, type Condition } from '../search/condition.ts';
import { inList } from '../search/listed.ts';
import { placesOf, type Place } from '../search/place.ts';
import { best, ofParameters } from '../search/sortValue.ts';
import { join, sqlFragment, type SqlFragment } from '../search/sqlFragment.ts';
import { hasToken, tokenCondition } from './token.ts';

/** The numbers of what a value names, where anything refers to it. */
function targetsOf(names: Names, place: Place, { target }: FilterValue): number[] {
  if (!target) return [];
  if ('url' in target) return place.target ? [] : known([names.targets.find(0, target.url)]);
  const types = target.types.filter((type) => place.target === undefined || place.target === type);
  return known(types.map((type) => names.targets.find(names.type(type), target.id)));
}
const known = (numbers: readonly number[]): number[] => numbers.filter((no) => no !== nowhere);

/** True when all that a value may name is of types that many refer to. */
const isSharedTarget = ({ target }: FilterValue): boolean =>
  target !== undefined && 'types' in target && target.types.every(isShared);

const referenceCondition = (
  { state: { names }, parameter: { type }, place }: FilterContext,
  value: FilterValue,
): Condition =>
  either(
    targetsOf(names, place, value).map((target) => ({
      ...byValue('reference', sqlFragment('target = ? AND parameter = ?', target, place.no)),
      ...(isSharedTarget(value)
        ? { hint: { where: mayHave(names, type, place.no, String(target)), asks: false } }
        : {}),
    })),
  );

function referenceList(names: Names, place: Place, values: readonly FilterValue[]): Condition {
  const list = values.flatMap((value) => targetsOf(names, place, value));
  const where = (alias: string): SqlFragment =>
    sqlFragment(`${alias}.target = v.value AND ${alias}.parameter = ?`, place.no);
  return inList({ table: 'reference', list, where });
}

/** Where a parameter is of others to one target type only (`patient`): only references to that count. */
function toTargets({ state: { names }, parameter }: SortContext): SqlFragment[] {
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

function sort(context: SortContext): SortValue {
  const among = ofParameters(context);
  const where = [
    sqlFragment(`reference.rid = d.rid AND ${among.sql}`, ...among.values),
    ...toTargets(context),
  ];
  return {
    value: sqlFragment(
      `(SELECT ${best(context, 'target.id')} FROM reference CROSS JOIN target ON target.no = reference.target ` +
        `WHERE ${where.map(({ sql }) => sql).join(' AND ')})`,
      ...where.flatMap(({ values }) => values),
    ),
  };
}

export const referenceKind: SqliteKind = {
  encode: (entry, no, { names, rid, signature, rows }) => {
    if (entry.kind !== 'reference') return;
    const type = entry.type ? names.type(entry.type) : 0;
    rows.reference.push(names.targets.intern(type, entry.id), no, rid, ...signature);
  },
  filter: (context, value) => {
    const { modifier } = context;
    if (modifier === 'above' || modifier === 'below')
      throw new Error(`:${modifier} of a reference reached the store`);
    return modifier === 'identifier' ? tokenCondition(context, value) : referenceCondition(context, value);
  },
  list: (names, places, values) => either(places.map((place) => referenceList(names, place, values))),
  present: (names, { no, target }, at) => {
    const to = target
      ? sqlFragment(' AND (SELECT type FROM target WHERE no = reference.target) = ?', names.type(target))
      : sqlFragment('');
    const references = sqlFragment(
      `EXISTS (SELECT 1 FROM reference WHERE rid = ${at} AND parameter = ?${to.sql})`,
      ...[no, ...to.values],
    );
    return target ? references : join([references, hasToken(no, at)], ' OR ', '0');
  },
  sort,
};
