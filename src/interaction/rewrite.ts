import { noteEdit } from './restore.ts';

/** A string in a resource that may name an entry of the Bundle, and where it stands. */
export interface Mention {
  readonly text: string;
  readonly place: string; // FHIRPath
  readonly isReference: boolean; // Reference.reference, which must resolve; else an element of a URI type
  replace(by: string): void;
}

/** Names of elements that are of type uri, url, canonical, oid or uuid in R4 and never a string. */
const uriElement =
  /(?:Uri|Url|Canonical|Oid|Uuid)$|^(?:uri|url|questionnaire|library|imports|supplements|valueSet|profile|policy|instantiates)$/;

/**
 * Every string of a resource that may name another: what a transaction rewrites. Narrative is left alone, and so are
 * the entries of a Bundle, which refer to each other.
 */
export function mentions(resource: object, place: string): Mention[] {
  const found: Mention[] = [];
  collect({ resource, found }, resource, place);
  return found;
}

interface Collecting {
  readonly resource: object;
  readonly found: Mention[];
}

function collect(into: Collecting, holder: object, place: string): void {
  const items = holder as Record<string, unknown>;
  const isBundle = items['resourceType'] === 'Bundle';
  for (const key of Object.keys(items)) {
    if (isBundle && key === 'entry') continue;
    const value = items[key];
    const at = `${place}.${key}`;
    if (typeof value === 'string') {
      const isReference = key === 'reference';
      if (isReference || uriElement.test(key)) note(into, items, key, { place: at, isReference });
    } else if (Array.isArray(value)) collectList(into, value, key, at);
    else if (typeof value === 'object' && value !== null) collect(into, value, at);
  }
}

function collectList(into: Collecting, list: unknown[], key: string, at: string): void {
  const isUri = uriElement.test(key);
  list.forEach((item, i) => {
    const place = `${at}[${i}]`;
    if (typeof item === 'string') {
      if (isUri)
        note(into, list as unknown as Record<string, unknown>, String(i), { place, isReference: false });
    } else if (typeof item === 'object' && item !== null) collect(into, item, place);
  });
}

function note(
  { resource, found }: Collecting,
  holder: Record<string, unknown>,
  key: string,
  { place, isReference }: Pick<Mention, 'place' | 'isReference'>,
): void {
  const text = holder[key] as string;
  const replace = (by: string): void => {
    noteEdit(resource, () => {
      holder[key] = text;
    });
    holder[key] = by;
  };
  found.push({ text, place, isReference, replace });
}
