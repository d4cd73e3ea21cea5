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
  collect(resource, place, found);
  return found;
}

function collect(holder: object, place: string, found: Mention[]): void {
  const items = holder as Record<string, unknown>;
  const isBundle = items['resourceType'] === 'Bundle';
  for (const key of Object.keys(items)) {
    if (isBundle && key === 'entry') continue;
    const value = items[key];
    const at = `${place}.${key}`;
    if (typeof value === 'string') note(items, key, at, found);
    else if (Array.isArray(value)) collectList(value, key, at, found);
    else if (typeof value === 'object' && value !== null) collect(value, at, found);
  }
}

function collectList(list: unknown[], key: string, at: string, found: Mention[]): void {
  list.forEach((item, i) => {
    const place = `${at}[${i}]`;
    if (typeof item === 'string' && uriElement.test(key)) {
      found.push({
        text: item,
        place,
        isReference: false,
        replace: (by) => {
          list[i] = by;
        },
      });
    } else if (typeof item === 'object' && item !== null) collect(item, place, found);
  });
}

function note(holder: Record<string, unknown>, key: string, place: string, found: Mention[]): void {
  const isReference = key === 'reference';
  if (!isReference && !uriElement.test(key)) return;
  const text = holder[key] as string;
  found.push({
    text,
    place,
    isReference,
    replace: (by) => {
      holder[key] = by;
    },
  });
}
