import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../datatypes/resourceType.ts';
import type { Chain, Has, Include, SearchParameter } from './query.ts';
import type { Registry } from './registry.ts';

/** The parameters whose entries say what canonical URLs of another lead to, among resources of these types. */
const linked = (
  registry: Registry,
  parameter: SearchParameter,
  types: readonly ResourceType[],
): SearchParameter[] => {
  const links = types.flatMap((type) => registry.canonicalLink(parameter, type) ?? []);
  return [...new Set(links.flatMap(({ from, to }) => [from, to]))];
};

/** What a chain or _has follows canonical URLs by; `type` is that of its candidates. */
export const linkedBy = (
  registry: Registry,
  criterion: Chain | Has,
  type: ResourceType,
): readonly SearchParameter[] =>
  linked(
    registry,
    criterion.parameter,
    criterion.op === 'chain' ? criterion.targets.map((target) => target.type) : [type],
  );

/** What _include or _revinclude follows canonical URLs by; of a wildcard, of all parameters of its source. */
export const linkedByInclude = (
  registry: Registry,
  { source, parameter, target }: Include,
): readonly SearchParameter[] => {
  const asked = parameter
    ? [parameter]
    : (source ? [source] : resourceTypes).flatMap((type) => [...registry.parametersOf(type).values()]);
  return asked.flatMap((one) => linked(registry, one, target ? [target] : (one.target ?? resourceTypes)));
};
