import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest } from '../../../outcome/fhirError.ts';
import { linkedByInclude } from '../../../search/linked.ts';
import type { Criterion, Include, SearchParameter, SearchQuery } from '../../../search/query.ts';
import { progress } from './build.ts';
import { parametersOf } from '../search/criteria.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

/** Throws 400 where a parameter of a query has no complete index yet: part of an answer is none. */
export function refuseBuilding(state: SqliteState, query: SearchQuery): void {
  if (state.names.parameters.building.length === 0) return;
  const sorted = query.sort.flatMap(({ parameter }) => (typeof parameter === 'string' ? [] : [parameter]));
  for (const parameter of [...parametersOf(state.registry, query.type, query.filters), ...sorted])
    check(state, parameter);
  for (const include of query.revinclude) checkInclude(state, include);
  const linked = [
    ...query.include.flatMap((include) => linkedByInclude(state.registry, include, 'to')),
    ...query.revinclude.flatMap((include) => linkedByInclude(state.registry, include, 'from')),
  ];
  for (const parameter of linked) check(state, parameter);
}

/** True when a criterion asks an index that is still being built. */
export const mentionsBuilding = (state: SqliteState, type: ResourceType, criterion: Criterion): boolean =>
  state.names.parameters.building.length > 0 &&
  parametersOf(state.registry, type, [criterion]).some((parameter) => isBuilding(state, parameter));

/** True when a parameter, or one whose entries it has, is still being built. */
const isBuilding = ({ names }: SqliteState, { type, code, from }: SearchParameter): boolean =>
  (from ?? [{ code }]).some((origin) => names.parameters.buildingOf(type, origin.code) !== undefined);

function check(state: SqliteState, parameter: SearchParameter): void {
  if (isBuilding(state, parameter))
    throw refusal(
      state,
      parameter.type,
      (parameter.from ?? [parameter]).map(({ code }) => code),
    );
}

const isLiteral = ({ kind, part }: SearchParameter): boolean => kind === 'reference' && part === undefined;

function checkInclude(state: SqliteState, { source, parameter }: Include): void {
  if (parameter) {
    check(state, parameter);
    return;
  }
  const [first] = state.names.parameters.building.filter(
    (b) => isLiteral(b.parameter) && (source ?? b.parameter.type) === b.parameter.type,
  );
  if (first) throw refusal(state, first.parameter.type, [first.parameter.code]);
}

function refusal(state: SqliteState, type: ResourceType, codes: readonly string[]): Error {
  const [far] = progress(state).filter((p) => p.parameter.type === type && codes.includes(p.parameter.code));
  return badRequest(
    'index-building',
    `The index of ${codes.join(' and ')} of ${type} is being built: ${far?.done ?? 0} of ${far?.total ?? 0} resources are in it`,
  );
}
