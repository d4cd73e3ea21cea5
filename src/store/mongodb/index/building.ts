import { fhirError } from '../../../outcome/fhirError.ts';
import { eachCriterion } from '../../../search/eachCriterion.ts';
import { linkedBy, linkedByInclude } from '../../../search/linked.ts';
import type { Criterion, SearchParameter, SearchQuery } from '../../../search/query.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { nameOf } from './parameterNumber.ts';

/** Throws 400 where a parameter of the query has no complete index yet. */
export function refuseBuilding({ building, registry }: MongoState, query: SearchQuery): void {
  if (building.size === 0) return;
  const asked = [
    ...query.filters.flatMap(parametersIn),
    ...query.sort.flatMap(({ parameter }) => (typeof parameter === 'string' ? [] : [parameter])),
    ...[...query.include, ...query.revinclude].flatMap(({ parameter }) => parameter ?? []),
    ...query.include.flatMap((include) => linkedByInclude(registry, include, 'to')),
    ...query.revinclude.flatMap((include) => linkedByInclude(registry, include, 'from')),
  ];
  eachCriterion(query.type, query.filters, (criterion, type) => {
    if (criterion.op === 'chain' || criterion.op === 'has')
      asked.push(...linkedBy(registry, criterion, type));
  });
  for (const parameter of asked) {
    const codes = parameter.from?.map(({ code }) => code) ?? [parameter.code];
    for (const code of codes) {
      const progress = building.get(nameOf({ type: parameter.type, code }));
      if (progress)
        throw fhirError(
          400,
          'transient',
          'index-building',
          `The index of ${parameter.type} by ${parameter.code} is being built: ${progress.done} of ${progress.total} resources are in it`,
        );
    }
  }
}

function parametersIn(criterion: Criterion): SearchParameter[] {
  switch (criterion.op) {
    case 'filter':
      return [criterion.parameter];
    case 'composite':
      return [...(criterion.parameter.components ?? [])];
    case 'chain':
      return [criterion.parameter, ...criterion.targets.flatMap((t) => t.filters.flatMap(parametersIn))];
    case 'has':
      return [criterion.parameter, ...criterion.filters.flatMap(parametersIn)];
    case 'not':
      return parametersIn(criterion.criterion);
    case 'and':
    case 'or':
      return criterion.criteria.flatMap(parametersIn);
    case 'text':
    case 'content':
      return [];
  }
}
