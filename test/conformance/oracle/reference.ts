import type { Reference, Resource } from '@medplum/fhirtypes';
import type { TypedValue } from '@medplum/core';

/** What an element names: a resource here as Type/id, or a URL; nothing for what is contained or only described. */
export function namedBy({ type, value }: TypedValue, base: string): string[] {
  if (typeof value === 'string') return withoutVersion(value, base);
  if (type === 'Reference') {
    const { reference } = value as Reference;
    return reference === undefined ? [] : withoutVersion(reference, base);
  }
  const { resourceType, id } = value as Partial<Resource>; // an entry of a Bundle
  return resourceType === undefined || id === undefined ? [] : [`${resourceType}/${id}`];
}

/**
 * A literal reference names the resource whatever its version; a canonical is found with its version and without.
 * See https://hl7.org/fhir/R4/references.html and https://hl7.org/fhir/R4/search.html#versions
 */
function withoutVersion(text: string, base: string): string[] {
  if (text === '' || text.startsWith('#')) return [];
  const own = text.startsWith(`${base}/`) ? text.slice(base.length + 1) : text;
  const local = /^([A-Z]\w+\/[\w.-]+)(\/_history\/[\w.-]+)?$/.exec(own)?.[1];
  if (local !== undefined) return [local];
  const [url = '', version] = own.split('|');
  return version === undefined ? [own] : [own, url];
}

/** A value of a search: an id alone may be of any type that the parameter has as a target. */
export function referenceMeets(
  element: TypedValue,
  text: string,
  { base, types }: { readonly base: string; readonly types: readonly string[] },
): boolean {
  const named = namedBy(element, base);
  if (/^[\w.-]+$/.test(text)) return types.some((type) => named.includes(`${type}/${text}`));
  return withoutVersion(text, base)
    .slice(0, 1)
    .some((asked) => named.includes(asked));
}

/** A token for Reference.identifier. */
export const identifierOf = ({ type, value }: TypedValue): TypedValue[] => {
  const { identifier } = value as Reference;
  return type === 'Reference' && identifier ? [{ type: 'Identifier', value: identifier }] : [];
};

/**
 * A canonical names the resources whose url is what stands before its bar, and whose version is what stands behind,
 * where there is a bar. The url of a Device is an address, no name. See https://hl7.org/fhir/R4/references.html#canonical
 */
export function isNamedByCanonical({ value }: TypedValue, resource: Resource): boolean {
  if (typeof value !== 'string' || value.startsWith('#') || resource.resourceType === 'Device') return false;
  const [whole = ''] = value.split('#');
  const { url, version } = resource as { url?: string; version?: string };
  const at = whole.indexOf('|');
  if (at < 0) return url === whole;
  return url === whole.slice(0, at) && (at + 1 === whole.length || version === whole.slice(at + 1));
}

/** A canonical of this URL, whatever its version; of a version, that one and those it is the beginning of. */
export function isVersionOf({ value }: TypedValue, asked: string): boolean {
  const [own = ''] = String(value).split('#');
  const [url, version] = own.split('|');
  const [askedUrl, askedVersion] = asked.split('|');
  if (url !== askedUrl) return false;
  return (
    askedVersion === undefined || version === askedVersion || version?.startsWith(`${askedVersion}.`) === true
  );
}
