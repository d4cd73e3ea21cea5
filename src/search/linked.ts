import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../datatypes/resourceType.ts';
import { leadsInside } from './contained.ts';
import type { Chain, Has, Include, SearchParameter } from './query.ts';
import type { CanonicalLink, Registry } from './registry.ts';

const linksOf = (
  registry: Registry,
  parameter: SearchParameter,
  types: readonly ResourceType[],
): CanonicalLink[] => types.flatMap((type) => registry.canonicalLink(parameter, type) ?? []);

/** What a chain or _has follows canonical URLs by, and a chain into what is contained; `type` is that of its candidates. */
export const linkedBy = (
  registry: Registry,
  criterion: Chain | Has,
  type: ResourceType,
): readonly SearchParameter[] => {
  const { parameter, op } = criterion;
  const types = op === 'chain' ? criterion.targets.map((target) => target.type) : [type];
  const links = linksOf(registry, parameter, types).flatMap(({ from, to }) => [from, to]);
  return op === 'chain' && leadsInside(parameter)
    ? [...links, registry.derived(parameter, 'contained')]
    : links;
};

/**
 * What _include (`to`: the URLs of the resources) or _revinclude (`from`: what names them) follows canonical URLs by; of
 * a wildcard, of all parameters of its source.
 */
export const linkedByInclude = (
  registry: Registry,
  { source, parameter, target }: Include,
  side: keyof CanonicalLink,
): readonly SearchParameter[] => {
  const asked = parameter
    ? [parameter]
    : (source ? [source] : resourceTypes).flatMap((type) => [...registry.parametersOf(type).values()]);
  const typesOf = (one: SearchParameter): readonly ResourceType[] =>
    target ? [target] : (one.target ?? resourceTypes);
  return asked.flatMap((one) => linksOf(registry, one, typesOf(one)).map((link) => link[side]));
};
