import type { SearchParameter } from '../../../search/query.ts';
import { always, inverse, never, type Condition } from './condition.ts';
import type { Names } from '../index/names.ts';
import { join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { placesOf } from './place.ts';

const tableOf = { date: 'date', string: 'string', number: 'quantity', quantity: 'quantity' } as const;

/** True for candidates that have no (or some) entry of a parameter. */
export function missing(names: Names, parameter: SearchParameter, wanted: boolean): Condition {
  if (parameter.code === '_id' || parameter.code === '_lastUpdated') return wanted ? never : always;
  const { kind } = parameter;
  const there = (at: string): SqlFragment[] =>
    placesOf(names, parameter).map(({ no, target }): SqlFragment => {
      const named = sqlFragment(`${at} IN (SELECT rid FROM token WHERE parameter = ?)`, no);
      if (kind === 'token' || kind === 'uri' || kind === 'composite') return named;
      if (kind !== 'reference')
        return sqlFragment(`EXISTS (SELECT 1 FROM ${tableOf[kind]} WHERE rid = ${at} AND parameter = ?)`, no);
      const to = target
        ? sqlFragment(' AND (SELECT type FROM target WHERE no = reference.target) = ?', names.type(target))
        : sqlFragment('');
      const references = sqlFragment(
        `EXISTS (SELECT 1 FROM reference WHERE rid = ${at} AND parameter = ?${to.sql})`,
        ...[no, ...to.values],
      );
      return target ? references : join([references, named], ' OR ', '0');
    });
  const some: Condition = { test: (at) => join(there(at), ' OR ', '0'), cost: 2 };
  return wanted ? inverse(some) : some;
}
