import type { ResourceType } from '@medplum/fhirtypes';
import { eachCriterion } from '../../../search/eachCriterion.ts';
import { linkedBy } from '../../../search/linked.ts';
import type { Criterion, SearchParameter, SearchQuery } from '../../../search/query.ts';
import type { Registry } from '../../../search/registry.ts';

/** The types whose resources are searched for words. */
export function typesWithWords({ type, filters }: SearchQuery): ResourceType[] {
  const types = new Set<ResourceType>();
  eachCriterion(type, filters, ({ op }, of) => {
    if (op === 'text' || op === 'content') types.add(of);
  });
  return [...types];
}

/** The parameters whose index a criterion needs; not those of composites and of parameters without an index. */
export function parametersOf(
  registry: Registry,
  type: ResourceType,
  criteria: readonly Criterion[],
): SearchParameter[] {
  const found: SearchParameter[] = [];
  eachCriterion(type, criteria, (criterion, of) => {
    if (criterion.op !== 'filter' && criterion.op !== 'chain' && criterion.op !== 'has') return;
    if (!criterion.parameter.unindexed) found.push(criterion.parameter);
    if (criterion.op !== 'filter') found.push(...linkedBy(registry, criterion, of));
  });
  return found;
}
