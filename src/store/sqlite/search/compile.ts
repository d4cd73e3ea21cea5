import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion } from '../../../search/query.ts';
import { residualFilterOf } from '../../../search/residualFilter.ts';
import { chain, has } from './chain.ts';
import type { Compiling } from './compiling.ts';
import { either, every, inverse, type Condition } from './condition.ts';
import { oneDate } from '../kind/date.ts';
import { compileFilter } from './filter.ts';
import { fullText } from './fullText.ts';
import { inside, scan } from './scan.ts';

/** Criteria of resources of a type, as SQL; `and` at the top is taken apart, so that each part may find the rows. */
export function compileAll(
  of: Compiling,
  type: ResourceType,
  criteria: readonly Criterion[],
): readonly Condition[] {
  const { single, rest } = datesApart(of, criteria);
  const conditions = rest.flatMap((criterion) => {
    if (criterion.op === 'and') return compileAll(of, type, criterion.criteria);
    const residual = residualFilterOf(criterion);
    return residual ? scan(of, residual, innerOf(of)) : [compile(of, type, criterion)];
  });
  return [...single, ...conditions];
}

/** From a date on and up to another: criteria on one parameter that are one range; the rest as it is. */
function datesApart(
  { state }: Compiling,
  criteria: readonly Criterion[],
): { readonly single: readonly Condition[]; readonly rest: readonly Criterion[] } {
  const dates = Map.groupBy(
    criteria.filter(
      (c) => c.op === 'filter' && c.parameter.kind === 'date' && !c.parameter.code.startsWith('_'),
    ),
    (c) => (c.op === 'filter' ? c.parameter : undefined),
  );
  const taken = new Set<Criterion>();
  const single = [...dates.values()].flatMap((same) => {
    const condition = oneDate(
      state.names,
      same.flatMap((c) => (c.op === 'filter' ? [c] : [])),
    );
    if (!condition) return [];
    for (const criterion of same) taken.add(criterion);
    return [condition];
  });
  return { single, rest: taken.size === 0 ? criteria : criteria.filter((c) => !taken.has(c)) };
}

const innerOf =
  (of: Compiling) =>
  (type: ResourceType, criteria: readonly Criterion[]): readonly Condition[] =>
    compileAll(of, type, criteria);

function compile(of: Compiling, type: ResourceType, criterion: Criterion): Condition {
  const inner = innerOf(of);
  switch (criterion.op) {
    case 'filter':
      return criterion.parameter.unindexed
        ? every(scan(of, criterion, inner))
        : compileFilter(of.state, criterion);
    case 'composite':
      return every(scan(of, criterion, inner));
    case 'chain':
      return either([chain(of, criterion, inner), inside(of, criterion, inner)]);
    case 'has':
      return has(of, criterion, { type, inner });
    case 'and':
      return every(compileAll(of, type, criterion.criteria));
    case 'or':
      return either(criterion.criteria.map((one) => compile(of, type, one)));
    case 'not':
      return inverse(compile(of, type, criterion.criterion));
    case 'text':
    case 'content':
      return fullText(of.state, type, criterion);
  }
}
