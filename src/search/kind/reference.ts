import type { ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../../datatypes/resourceType.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import { malformed } from '../malformed.ts';
import { isOfVersion, keyOfCanonical } from '../canonical.ts';
import type { EntryMatcher, Kind } from '../kind.ts';
import type { FilterValue, SearchParameter } from '../query.ts';
import { canonicalPart } from '../registry.ts';
import { unescaped } from '../split.ts';
import { matchesToken, tokensOf } from './token.ts';
import { urisOf } from './uri.ts';

/** What a reference names: a resource here (type and id), or a URL. */
export interface Named {
  readonly type?: ResourceType;
  readonly id: string;
  readonly version?: string;
}

const local = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const bare = /^[A-Za-z0-9\-.]{1,64}$/;

/** Takes our own base off an absolute URL. */
export const relative = (text: string, base: string | undefined): string =>
  base !== undefined && text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text;

/** The resource or URL that a reference or canonical names; none for a contained resource. */
export function namedBy(text: string, base?: string): Named[] {
  if (text === '' || text.startsWith('#')) return [];
  const [, type = '', id = '', version] = local.exec(relative(text, base)) ?? [];
  if (isResourceType(type)) return [version === undefined ? { type, id } : { type, id, version }];
  return urisOf(text).map((url) => ({ id: url }));
}

/** The resource or URL that a Reference, a canonical, or a resource in a Bundle's entry names. */
export function referencesOf(value: unknown, base?: string): Named[] {
  if (typeof value === 'string') return namedBy(value, base);
  if (typeof value !== 'object' || value === null) return [];
  const { reference, resourceType, id } = value as Record<string, unknown>;
  if (typeof reference === 'string') return namedBy(reference, base);
  if (typeof resourceType === 'string' && typeof id === 'string' && isResourceType(resourceType))
    return [{ type: resourceType, id }];
  return [];
}

/** Reads `id`, `Type/id`, or a URL; `only` is the type of a `:Type` modifier. See https://hl7.org/fhir/R4/search.html#reference */
export function referenceValue(
  value: string,
  parameter: SearchParameter,
  { base, only }: { readonly base?: string | undefined; readonly only?: ResourceType | undefined },
): FilterValue {
  const text = relative(unescaped(value), base);
  if (bare.test(text)) {
    const types = only ? [only] : (parameter.target ?? []);
    if (types.length > 0) return { text, target: { types, id: text } };
    throw badRequest(
      'malformed-value',
      `${parameter.code} takes Type/id: an id alone does not say of which type`,
    );
  }
  const [named] = namedBy(text);
  if (named?.type) {
    if (only && only !== named.type) throw malformed(text, `a reference to ${only}`);
    const { type, id, version } = named;
    return { text, target: { types: [type], id, ...(version === undefined ? {} : { version }) } };
  }
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return { text, target: { url: text } };
  throw malformed(text, 'a reference: an id, Type/id or a URL');
}

const matchesReference =
  ({ target, prefix }: FilterValue): EntryMatcher =>
  (entry) => {
    if (entry.kind !== 'reference' || !target) return false; // what is known by an identifier only is no other one
    const is =
      'url' in target
        ? entry.type === undefined && entry.id === target.url
        : entry.type !== undefined &&
          entry.id === target.id &&
          target.types.includes(entry.type) &&
          (target.version ?? entry.version) === entry.version;
    return is === (prefix !== 'ne');
  };

/** A canonical of the version that is named, or of one that it begins. */
const matchesVersion =
  ({ text }: FilterValue): EntryMatcher =>
  (entry) =>
    entry.kind === 'reference' && entry.type === undefined && isOfVersion(entry.id, text);

/** See https://hl7.org/fhir/R4/search.html#reference */
export const referenceKind: Kind = {
  weight: 1,
  operators: ['eq', 'ne', 're', 'pr'],
  parse: referenceValue,
  entries: (parameter, { registry, to }) => {
    const canonical = canonicalPart(parameter, registry);
    return (value) => {
      for (const named of referencesOf(value, to.base))
        to.entries.push({ parameter, kind: 'reference', ...named });
      const id = canonical && keyOfCanonical(value);
      if (canonical && id !== undefined) to.entries.push({ parameter: canonical, kind: 'reference', id });
      const { identifier } = value as { identifier?: unknown };
      if (identifier !== undefined && identifier !== null)
        for (const token of tokensOf(identifier)) to.entries.push({ parameter, kind: 'token', ...token });
    };
  },
  match: ({ modifier }, value) => {
    if (modifier === 'identifier') return matchesToken(value);
    return modifier === 'below' ? matchesVersion(value) : matchesReference(value);
  },
  sortValue: (entry) => (entry.kind === 'reference' ? entry.id : undefined),
};
