import type { Resource } from '@medplum/fhirtypes';
import { isResourceType } from '../datatypes/resourceType.ts';
import { choices } from './parameter.ts';
import { compilePath, type Visit } from './path.ts';
import type { Filter, SearchParameter } from './query.ts';
import { indexedParts, type Registry } from './registry.ts';

/**
 * Resources inside another one, which it refers to by `#id`. They are not found by themselves, but chains look into them
 * and a reference to one is a value. The index has, under a parameter derived from the reference's own, the type of what
 * it leads to (`Medication`) and the codes in it (`Medication.code R1`); all else is tested on the resource.
 * See https://hl7.org/fhir/R4/search.html#contained
 */
const limits = /\.where\(resolve\(\) is [A-Za-z]+\)/g;

/** The resources contained in a resource. */
export function insideOf(resource: unknown): readonly Resource[] {
  const { contained } = (resource ?? {}) as { readonly contained?: unknown };
  if (!Array.isArray(contained)) return [];
  return (contained as (Partial<Resource> | null)[]).filter((one): one is Resource =>
    isResourceType(one?.resourceType ?? ''),
  );
}

interface Follower {
  readonly visit: Visit;
  readonly names: Set<string>;
}
const followers = new WeakMap<SearchParameter, Follower>();

function followerOf(parameter: SearchParameter): Follower {
  const known = followers.get(parameter);
  if (known) return known;
  const names = new Set<string>();
  const visit = compilePath(parameter.expression.replace(limits, ''), choices, (value) => {
    const text = typeof value === 'string' ? value : ((value ?? {}) as { reference?: unknown }).reference;
    if (typeof text === 'string' && text.startsWith('#')) names.add(text);
  });
  const made = { visit, names };
  followers.set(parameter, made);
  return made;
}

/** The contained resources that a resource refers to through a parameter; `whole` contains them. */
export function containedOf(parameter: SearchParameter, resource: Resource, whole: Resource): Resource[] {
  const { visit, names } = followerOf(parameter);
  names.clear();
  visit(resource);
  return names.size === 0 ? [] : insideOf(whole).filter(({ id }) => names.has(`#${id ?? ''}`));
}

/** True of a parameter whose references may lead to contained resources. */
export const leadsInside = (parameter: SearchParameter): boolean =>
  indexedParts(parameter).includes('contained');

/** The entry of a code in a contained resource. */
export const innerCode = (type: string, parameter: string, code: string): string =>
  `${type}.${parameter} ${code}`;

/** A filter for resources that refer through a parameter to a contained resource, of one of its targets where limited. */
export function toContained(registry: Registry, parameter: SearchParameter): Filter {
  const derived = registry.derived(parameter, 'contained');
  const types = parameter.from?.flatMap(({ target }) => target ?? []) ?? [];
  if (types.length === 0)
    return { op: 'filter', parameter: derived, modifier: 'missing', values: [{ text: 'false' }] };
  return { op: 'filter', parameter: derived, values: types.map((code) => ({ text: code, code })) };
}
