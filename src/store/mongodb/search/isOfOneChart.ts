import type { Criterion } from '../../../search/query.ts';
import { isOfChart } from '../index/compartmentKey.ts';

/**
 * Whether criteria leave few resources because they name a single one, a patient, an encounter or another part of a
 * chart. It chooses between plans; the result is the same.
 */
export const isOfOneChart = (criteria: readonly Criterion[]): boolean => criteria.some(isNarrow);

function isNarrow(criterion: Criterion): boolean {
  if (criterion.op === 'and') return criterion.criteria.some(isNarrow);
  if (criterion.op === 'or') return criterion.criteria.length > 0 && criterion.criteria.every(isNarrow);
  if (criterion.op !== 'filter') return false;
  const { parameter, modifier, values } = criterion;
  if (modifier !== undefined && modifier !== 'identifier') return false;
  if (parameter.code === '_id' || modifier === 'identifier') return true;
  if (parameter.kind === 'token') return parameter.code === 'identifier';
  return (
    parameter.kind === 'reference' &&
    values.every(({ target }) => target && 'types' in target && target.types.every(isOfChart))
  );
}
