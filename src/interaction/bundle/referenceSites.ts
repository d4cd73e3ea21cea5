import { definitionOf, resourceDefinition, type TypeDefinition } from '../../validation/definition.ts';
import { noteEdit } from './retryUndo.ts';

/** A text in a resource that may name an entry of the Bundle, and where it stands. */
export interface ReferenceSite {
  readonly text: string;
  readonly place: string; // FHIRPath
  readonly isReference: boolean; // Reference.reference, which must resolve; else an element of a URI type, or a link
  replace(by: string): void;
}

/** URIs that say what something is, not where: an extension's, a definition's own, a code system's. */
const names = new Set(['url', 'system', 'implicitRules']);
/** The address of a link or image of a narrative. */
const linked = /\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/**
 * Every text of a resource that may name another: what a transaction rewrites. That is references, elements of type
 * uri and url, links of the narrative; not canonical, and not oid and uuid, which could hold nothing else. The entries
 * of a Bundle are left alone: they refer to each other. See https://hl7.org/fhir/R4/http.html#trules
 */
export function referenceSites(resource: object, place: string): ReferenceSite[] {
  const found: ReferenceSite[] = [];
  collect({ resource, found }, resource, place, resourceDefinition(resource));
  return found;
}

interface Collecting {
  readonly resource: object;
  readonly found: ReferenceSite[];
}
type Holder = Record<string, unknown>;

function collect(
  into: Collecting,
  holder: object,
  place: string,
  definition: TypeDefinition | undefined,
): void {
  if (!definition) return; // what is no element of R4 is refused when it is validated
  const items = holder as Holder;
  for (const key of Object.keys(items)) {
    if (key === 'entry' && definition.name === 'Bundle') continue;
    const element = definition.elements.get(key);
    if (!element) {
      if (key.startsWith('_')) below(into, items[key], `${place}.${key}`, 'Element');
      continue;
    }
    if (!element.primitive) below(into, items[key], `${place}.${key}`, element.type);
    else if (element.type === 'xhtml') noteLinks(into, items, key, place);
    else if (key === 'reference' && definition.name === 'Reference') note(into, items, key, place, true);
    else if (element.type === 'url' || (element.type === 'uri' && !names.has(key)))
      noteAll(into, items, key, place);
  }
}

/** What an element or list of elements of a type holds. */
function below(into: Collecting, value: unknown, place: string, type: string): void {
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      below(into, item, `${place}[${i}]`, type);
    });
  } else if (typeof value === 'object' && value !== null) {
    collect(into, value, place, type === 'Resource' ? resourceDefinition(value) : definitionOf(type));
  }
}

/** A URI, or each of a list. */
function noteAll(into: Collecting, items: Holder, key: string, place: string): void {
  const value = items[key];
  if (!Array.isArray(value)) note(into, items, key, place, false);
  else {
    const list = value as unknown as Holder;
    value.forEach((_, i) => {
      note(into, list, String(i), `${place}.${key}[${i}]`, false);
    });
  }
}

function note(
  { resource, found }: Collecting,
  holder: Holder,
  key: string,
  at: string,
  isReference: boolean,
): void {
  const text = holder[key];
  if (typeof text !== 'string') return;
  const replace = (by: string): void => {
    noteEdit(resource, () => {
      holder[key] = text;
    });
    holder[key] = by;
  };
  found.push({ text, place: Array.isArray(holder) ? at : `${at}.${key}`, isReference, replace });
}

/** The links and images of a narrative, each by itself. */
function noteLinks({ resource, found }: Collecting, holder: Holder, key: string, place: string): void {
  const whole = holder[key];
  if (typeof whole !== 'string') return;
  for (const [attribute, double, single] of whole.matchAll(linked)) {
    const text = double ?? single ?? '';
    const replace = (by: string): void => {
      noteEdit(resource, () => {
        holder[key] = whole;
      });
      holder[key] = String(holder[key]).replaceAll(attribute, () => attribute.replace(text, () => by));
    };
    found.push({ text, place: `${place}.${key}`, isReference: false, replace });
  }
}
