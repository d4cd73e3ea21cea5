import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../../../outcome/fhirError.ts';
import { linkedByInclude } from '../../../search/linked.ts';
import type { Criterion, Include, SearchParameter, SearchQuery } from '../../../search/query.ts';
import { progress } from './build.ts';
import { parametersOf } from '../search/criteria.ts';
import type { Shared } from '../connection/sqliteState.ts';

/** Throws 400 where a parameter of a query has no complete index yet: part of an answer is none. */
export function refuseBuilding(shared: Shared, query: SearchQuery): void {
  if (shared.names.parameters.building.length === 0) return;
  const sorted = query.sort.flatMap(({ parameter }) => (typeof parameter === 'string' ? [] : [parameter]));
  for (const parameter of [...parametersOf(shared.registry, query.type, query.filters), ...sorted])
    check(shared, parameter);
  for (const include of query.revinclude) checkInclude(shared, include);
  const linked = [
    ...query.include.flatMap((include) => linkedByInclude(shared.registry, include, 'to')),
    ...query.revinclude.flatMap((include) => linkedByInclude(shared.registry, include, 'from')),
  ];
  for (const parameter of linked) check(shared, parameter);
}

/** True when a criterion asks an index that is still being built. */
export const mentionsBuilding = (shared: Shared, type: ResourceType, criterion: Criterion): boolean =>
  shared.names.parameters.building.length > 0 &&
  parametersOf(shared.registry, type, [criterion]).some((parameter) => isBuilding(shared, parameter));

/** True when a parameter, or one whose entries it has, is still being built. */
const isBuilding = ({ names }: Shared, { type, code, from }: SearchParameter): boolean =>
  (from ?? [{ code }]).some((origin) => names.parameters.buildingOf(type, origin.code) !== undefined);

function check(shared: Shared, parameter: SearchParameter): void {
  if (isBuilding(shared, parameter))
    throw refusal(
      shared,
      parameter.type,
      (parameter.from ?? [parameter]).map(({ code }) => code),
    );
}

const isLiteral = ({ kind, part }: SearchParameter): boolean => kind === 'reference' && part === undefined;

function checkInclude(shared: Shared, { source, parameter }: Include): void {
  if (parameter) {
    check(shared, parameter);
    return;
  }
  const [first] = shared.names.parameters.building.filter(
    (b) => isLiteral(b.parameter) && (source ?? b.parameter.type) === b.parameter.type,
  );
  if (first) throw refusal(shared, first.parameter.type, [first.parameter.code]);
}

function refusal(shared: Shared, type: ResourceType, codes: readonly string[]): Error {
  const [far] = progress(shared).filter((p) => p.parameter.type === type && codes.includes(p.parameter.code));
  return badRequest(
    'index-building',
    `The index of ${codes.join(' and ')} of ${type} is being built: ${far?.done ?? 0} of ${far?.total ?? 0} resources are in it`,
  );
}
