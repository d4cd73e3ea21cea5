import { canonicals } from './parameter.ts';
import type { FilterValue, SearchParameter } from './query.ts';

/**
 * Resources are named by canonical URLs with a version and without. A resource has the keys `url|` and `url|version`;
 * a canonical has the one that it names, `url|` when it has no version: whichever versions are stored then. The two
 * meet in the index, so that it does not matter which of them was written first. See docs/decision/0020.
 */
export const bar = '|';

/** The key of what a canonical names; none of a resource inside its own (`#id`). Where in it (`#fragment`) is ignored. */
export function keyOfCanonical(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const [whole = ''] = value.split('#', 1);
  if (whole === '') return undefined;
  return whole.includes(bar) ? whole : whole + bar;
}

/** The keys that a resource is named by. See https://hl7.org/fhir/R4/references.html#canonical */
export function keysOfResource(resource: unknown): string[] {
  const { url, version } = (resource ?? {}) as { readonly url?: unknown; readonly version?: unknown };
  if (typeof url !== 'string' || url === '') return [];
  return typeof version === 'string' ? [url + bar, url + bar + version] : [url + bar];
}

/** What is written of a canonical in an expression of its own: an element of a choice, or of an extension. */
const cast = /(?:\bas |\b(?:as|ofType)\()(?:canonical|uri)\)$|\bvalue(?:Canonical|Uri)$/;

/** True of a reference parameter with elements that are canonical URLs. */
export const holdsCanonicals = ({ kind, expression, part }: SearchParameter): boolean =>
  kind === 'reference' &&
  part === undefined &&
  expression.split(' | ').some((one) => canonicals.has(one) || cast.test(one));

/** True of the parameter by whose element canonical URLs name a resource; the url of a Device is where it answers. */
export const isAddress = ({ type, kind, expression, part }: SearchParameter): boolean =>
  kind === 'uri' && part === undefined && expression === `${type}.url` && type !== 'Device';

/** The text before the bar of a canonical, and the version behind it. */
export const parted = (text: string): readonly [url: string, version: string | undefined] => {
  const at = text.indexOf(bar);
  return at <= 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};

/** What `:below` of a canonical with a version is looked for among: all versions of its URL. */
export const allVersions = ({ text }: FilterValue): FilterValue => {
  const [url] = parted(text);
  return { text: url, target: { url } };
};

/** Whether a canonical, or its version, goes on where one that is asked for ends. */
export const isOfVersion = (canonical: string, asked: string): boolean =>
  canonical === asked || canonical.startsWith(`${asked}.`);
