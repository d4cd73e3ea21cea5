import { bar, holdsCanonicals, isAddress, parted } from '../canonical.ts';
import type { Criterion, Filter, FilterValue, SearchParameter } from '../query.ts';
import type { Registry } from '../registry.ts';
import { Unfit } from './scope.ts';

const keyed = (registry: Registry, parameter: SearchParameter, keys: readonly string[]): Filter => ({
  op: 'filter',
  parameter: registry.derived(parameter, 'canonical'),
  values: keys.map((key) => ({ text: key, target: { url: key } })),
});

const anyOf = (criteria: readonly Criterion[]): Criterion => {
  const [only] = criteria;
  return criteria.length === 1 && only ? only : { op: 'or', criteria };
};

/**
 * The criterion of a uri. Where the parameter is the url of resources, `url|version` names the one of this version, which
 * stands in an element of its own. See https://hl7.org/fhir/R4/search.html#uri
 */
export function uriCriterion(registry: Registry, filter: Filter): Criterion {
  const { parameter, values } = filter;
  const versioned = isAddress(parameter) ? values.filter(({ text }) => parted(text)[1] !== undefined) : [];
  if (versioned.length === 0) return filter;
  const keys = versioned.map(({ text }) => text);
  return anyOf([filter, keyed(registry, parameter, keys)]);
}

const notHere = ({ text }: FilterValue, way: string): string =>
  `${text.slice(0, 64)} is no resource of this server: what is ${way} it is not known here`;

/** True of a value that `:below` finds the versions of. */
const isCanonical = (parameter: SearchParameter, { target }: FilterValue): boolean =>
  target !== undefined && 'url' in target && holdsCanonicals(parameter);

/**
 * `:below` of a reference: of a canonical URL every version, with a version those that it begins (1 is above 1.0.2); of
 * places and organizations all that are part of them. `:above` of a canonical URL means nothing.
 * See https://hl7.org/fhir/R4/search.html#versions
 */
export function placedReference(registry: Registry, filter: Filter): Criterion {
  const { parameter, modifier, values } = filter;
  const canonicals = values.filter((value) => isCanonical(parameter, value));
  const elsewhere = values.find(({ target }) => target && 'url' in target && !holdsCanonicals(parameter));
  if (elsewhere)
    throw new Unfit('malformed-value', () => notHere(elsewhere, modifier === 'above' ? 'above' : 'below'));
  if (canonicals.length === 0) return filter;
  if (modifier === 'above')
    throw new Unfit(
      'malformed-value',
      () =>
        `${parameter.code}:above means nothing of a canonical URL; ${parameter.code}:below finds its versions`,
    );
  const others = values.filter((value) => !isCanonical(parameter, value));
  const whole = canonicals.filter(({ text }) => parted(text)[1] === undefined);
  const versioned = canonicals.filter(({ text }) => parted(text)[1] !== undefined);
  return anyOf([
    ...(others.length > 0 ? [{ ...filter, values: others }] : []),
    ...(whole.length > 0
      ? [
          { op: 'filter' as const, parameter, values: whole },
          keyed(
            registry,
            parameter,
            whole.map(({ text }) => text + bar),
          ),
        ]
      : []),
    ...(versioned.length > 0 ? [{ ...filter, parameter: tested(parameter), values: versioned }] : []),
  ]);
}

/** The parameter as one that is tested on the resource itself: no index answers what a version begins with. */
const tested = ({ from: _, ...parameter }: SearchParameter): SearchParameter => ({
  ...parameter,
  unindexed: true,
});

/** References to one version of a resource are tested on the resource itself: the index minds no versions. */
export function versionedReference(filter: Filter): Criterion {
  const isVersioned = ({ target }: FilterValue): boolean =>
    target !== undefined && 'types' in target && target.version !== undefined;
  const versioned = filter.values.filter(isVersioned);
  if (versioned.length === 0) return filter;
  const others = filter.values.filter((value) => !isVersioned(value));
  return anyOf([
    ...(others.length > 0 ? [{ ...filter, values: others }] : []),
    { ...filter, parameter: tested(filter.parameter), values: versioned },
  ]);
}
