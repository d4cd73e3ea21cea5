import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion } from '../../search/query.ts';
import { chain, has } from './chain.ts';
import { either, every, inverse, type Condition } from './condition.ts';
import { compileFilter } from './filter.ts';
import { fullText } from './fullText.ts';
import { composite, scannedFilter } from './scanned.ts';
import type { Shared } from './shared.ts';

/** One query while it is compiled. */
export interface Compiling {
  readonly shared: Shared;
  /** A name for a table that no other part of the statement has. */
  readonly alias: () => string;
}

export function compiling(shared: Shared): Compiling {
  let last = 0;
  return { shared, alias: () => `t${++last}` };
}

/** Criteria of resources of a type, as SQL; `and` at the top is taken apart, so that each part may find the rows. */
export const compileAll = (
  of: Compiling,
  type: ResourceType,
  criteria: readonly Criterion[],
): readonly Condition[] =>
  criteria.flatMap((criterion) =>
    criterion.op === 'and' ? compileAll(of, type, criterion.criteria) : [compile(of, type, criterion)],
  );

function compile(of: Compiling, type: ResourceType, criterion: Criterion): Condition {
  const inner = (other: ResourceType, criteria: readonly Criterion[]): readonly Condition[] =>
    compileAll(of, other, criteria);
  switch (criterion.op) {
    case 'filter':
      return criterion.parameter.scanned
        ? scannedFilter(of, criterion)
        : compileFilter(of.shared.names, criterion);
    case 'composite':
      return composite(of, criterion);
    case 'chain':
      return chain(of, criterion, inner);
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
      return fullText(of.shared, type, criterion);
  }
}
