import type { ResourceType } from '@medplum/fhirtypes';
import type { Criterion } from './query.ts';

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
