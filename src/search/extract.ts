import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { unprocessable } from '../outcome/fhirError.ts';
import { invalid } from '../outcome/issue.ts';
import { containedOf, innerCode, insideOf, leadsInside } from './contained.ts';
import type { Extraction } from './kind.ts';
import { namedBy } from './kind/reference.ts';
import { entryVisit } from './kinds.ts';
import type { Visit } from './path.ts';
import type { IndexEntry, SearchParameter } from './query.ts';
import { shipped, type Registry } from './registry.ts';

/** References that no search parameter covers are kept under this one, so that all that refer to a resource are found. */
export const otherReference = (type: ResourceType): SearchParameter => ({
  type,
  code: '_reference',
  kind: 'reference',
  expression: '',
});

/** Whether entries of a parameter only tell that something refers, and no search asks by them. */
export const isOtherReference = ({ code }: SearchParameter): boolean => code === '_reference';

interface Extractor {
  readonly to: Extraction;
  readonly visits: readonly Visit[];
  readonly other: SearchParameter;
}
interface Extractors {
  readonly revision: number; // of the registry
  readonly ofType: Map<ResourceType, Extractor>;
}
const extractors = new WeakMap<Registry, Extractors>();

function extractorOf(registry: Registry, type: ResourceType): Extractor {
  let made = extractors.get(registry);
  if (made?.revision !== registry.revision) {
    made = { revision: registry.revision, ofType: new Map() };
    extractors.set(registry, made);
  }
  const known = made.ofType.get(type) ?? newExtractor(registry, type);
  made.ofType.set(type, known);
  return known;
}

function newExtractor(registry: Registry, type: ResourceType): Extractor {
  const to: Extraction = { entries: [], base: undefined };
  const held = registry.indexedOf(type).filter(({ part }) => part === undefined); // parts come with their parameter
  const visits = held.map((parameter) => entryVisit(parameter, registry, to));
  return { to, visits, other: otherReference(type) };
}

/** Every literal reference in a resource, wherever it stands; what is contained refers too. */
function references(value: unknown, found: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) references(item, found);
    return;
  }
  const element = value as Readonly<Record<string, unknown>>;
  if (typeof element['reference'] === 'string') found.push(element['reference']);
  for (const key in element) references(element[key], found);
}

/** Default limit of the index entries of a resource. */
export const entriesMaxDefault = 120_000;

/** The index entries of a resource that is written; 422 where it has too many. */
export function extractWithin(
  resource: Resource,
  options: ExtractOptions & { readonly indexEntriesMax: number },
): readonly IndexEntry[] {
  const entries = extract(resource, options);
  if (entries.length <= options.indexEntriesMax) return entries;
  const text = `has ${entries.length} values to search by: at most ${options.indexEntriesMax} are indexed`;
  throw unprocessable([invalid('too-many-index-entries', resource.resourceType, text)]);
}

export interface ExtractOptions {
  readonly base?: string | undefined; // our own URL, taken off references
  readonly registry?: Registry;
}

/** What the index holds of a resource; may hold an entry twice. */
export function extract(
  resource: Resource,
  { base, registry = shipped }: ExtractOptions = {},
): readonly IndexEntry[] {
  const { to, visits, other } = extractorOf(registry, resource.resourceType);
  to.entries = [];
  to.base = base;
  to.resource = resource;
  for (const visit of visits) visit(resource);
  const entries = to.entries;
  const found: string[] = [];
  references(resource, found);
  if (found.length > 0) addOther(entries, other, found, base);
  if (insideOf(resource).length > 0)
    entries.push(...containedEntries(resource, resource, { base, registry }));
  return entries;
}

/** The index entries of the contained resources that a resource refers to; `whole` contains them. */
export function containedEntries(
  resource: Resource,
  whole: Resource,
  { base, registry = shipped }: ExtractOptions,
): IndexEntry[] {
  const found: IndexEntry[] = [];
  for (const held of registry.indexedOf(resource.resourceType)) {
    if (held.kind !== 'reference' || !leadsInside(held)) continue;
    const parameter = registry.derived(held, 'contained');
    const add = (code: string): void => void found.push({ parameter, kind: 'token', code });
    for (const inner of containedOf(held, resource, whole)) {
      const type = inner.resourceType;
      add(type);
      for (const entry of extract(inner, { base, registry })) {
        const { kind, part, systems, code } = entry.parameter;
        if (entry.kind === 'token' && kind === 'token' && part === undefined && systems === undefined)
          add(innerCode(type, code, entry.code));
      }
    }
  }
  return found;
}

/** The references that no parameter covers. */
function addOther(
  entries: IndexEntry[],
  parameter: SearchParameter,
  found: readonly string[],
  base: string | undefined,
): void {
  const covered = new Set<string>();
  for (const entry of entries)
    if (entry.kind === 'reference' && entry.type) covered.add(`${entry.type}/${entry.id}`);
  for (const text of found) {
    if (covered.has(text)) continue;
    for (const named of namedBy(text, base)) {
      const { type, id } = named;
      if (!type || covered.has(`${type}/${id}`)) continue;
      covered.add(`${type}/${id}`);
      entries.push({ parameter, kind: 'reference', ...named });
    }
  }
}
