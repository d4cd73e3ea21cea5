import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../../outcome/fhirError.ts';
import type { Criterion, Include, SearchParameter, SearchQuery } from '../../search/query.ts';
import { progress } from './build.ts';
import type { Shared } from './shared.ts';

/** Throws 400 where a parameter of a query has no complete index yet: part of an answer is none. */
export function refuseBuilding(shared: Shared, query: SearchQuery): void {
  if (shared.names.parameters.building.length === 0) return;
  const check = (parameter: SearchParameter): void => {
    checkParameter(shared, parameter);
  };
  for (const criterion of query.filters) ofCriterion(criterion, check);
  for (const { parameter } of query.sort) if (typeof parameter !== 'string') check(parameter);
  for (const include of query.revinclude) checkInclude(shared, include);
}

function ofCriterion(criterion: Criterion, check: (parameter: SearchParameter) => void): void {
  switch (criterion.op) {
    case 'filter':
      check(criterion.parameter);
      return;
    case 'composite': // reads the resources; what narrows them down is left out while it is built
    case 'text':
    case 'content':
      return;
    case 'chain':
      check(criterion.parameter);
      for (const { filters } of criterion.targets) for (const one of filters) ofCriterion(one, check);
      return;
    case 'has':
      check(criterion.parameter);
      for (const one of criterion.filters) ofCriterion(one, check);
      return;
    case 'and':
    case 'or':
      for (const one of criterion.criteria) ofCriterion(one, check);
      return;
    case 'not':
      ofCriterion(criterion.criterion, check);
  }
}

/** True when a parameter, or one whose entries it has, is still being built. */
export const isBuilding = ({ names }: Shared, { type, code, from }: SearchParameter): boolean =>
  (from ?? [{ code }]).some((origin) => names.parameters.buildingOf(type, origin.code) !== undefined);

function checkParameter(shared: Shared, parameter: SearchParameter): void {
  if (parameter.scanned || !isBuilding(shared, parameter)) return;
  throw buildingError(shared, parameter.type, (parameter.from ?? [parameter]).map(({ code }) => code));
}

function checkInclude(shared: Shared, { source, parameter }: Include): void {
  if (parameter) {
    checkParameter(shared, parameter);
    return;
  }
  const [first] = shared.names.parameters.building.filter(
    (b) => b.parameter.kind === 'reference' && (source ?? b.parameter.type) === b.parameter.type,
  );
  if (first) throw buildingError(shared, first.parameter.type, [first.parameter.code]);
}

function buildingError(shared: Shared, type: ResourceType, codes: readonly string[]): Error {
  const [far] = progress(shared).filter((p) => p.parameter.type === type && codes.includes(p.parameter.code));
  return badRequest(
    'index-building',
    `The index of ${codes.join(' and ')} of ${type} is being built: ${far?.done ?? 0} of ${far?.total ?? 0} resources are in it`,
  );
}
