import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion, SearchParameter, SearchQuery } from '../../search/query.ts';

/** Calls back for each criterion of a resource type, those inside of others too. */
export function eachCriterion(
  type: ResourceType,
  criteria: readonly Criterion[],
  visit: (criterion: Criterion, type: ResourceType) => void,
): void {
  for (const criterion of criteria) {
    visit(criterion, type);
    switch (criterion.op) {
      case 'chain':
        for (const target of criterion.targets) eachCriterion(target.type, target.filters, visit);
        break;
      case 'has':
        eachCriterion(criterion.source, criterion.filters, visit);
        break;
      case 'and':
      case 'or':
        eachCriterion(type, criterion.criteria, visit);
        break;
      case 'not':
        eachCriterion(type, [criterion.criterion], visit);
        break;
      case 'filter':
      case 'composite':
      case 'text':
      case 'content':
    }
  }
}

/** The types whose resources decide about a query. */
export function typesOf({ type, filters }: SearchQuery): ResourceType[] {
  const types = new Set<ResourceType>([type]);
  eachCriterion(type, filters, (criterion, of) => {
    types.add(of);
    if (criterion.op === 'chain') for (const target of criterion.targets) types.add(target.type);
    if (criterion.op === 'has') types.add(criterion.source);
  });
  return [...types];
}

/** The types whose resources are searched for words. */
export function typesWithWords({ type, filters }: SearchQuery): ResourceType[] {
  const types = new Set<ResourceType>();
  eachCriterion(type, filters, ({ op }, of) => {
    if (op === 'text' || op === 'content') types.add(of);
  });
  return [...types];
}

/** The parameters whose index a criterion asks, that of a composite and of a scanned one apart. */
export function parametersOf(type: ResourceType, criteria: readonly Criterion[]): SearchParameter[] {
  const found: SearchParameter[] = [];
  eachCriterion(type, criteria, (criterion) => {
    if (criterion.op !== 'filter' && criterion.op !== 'chain' && criterion.op !== 'has') return;
    if (!criterion.parameter.scanned) found.push(criterion.parameter);
  });
  return found;
}
