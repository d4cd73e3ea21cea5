import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { parseJson } from '../../../src/datatypes/json.ts';
import { isId } from '../../../src/datatypes/id.ts';
import { validateResource } from '../../../src/validation/validate.ts';
import { parsePairs } from '../../../src/search/parse.ts';
import type { Store, Stored } from '../../../src/store/store.ts';
import { exampleNames, textOf } from '../../validation/official.ts';
import type { Pair } from './oracle.ts';

/** Definitions are many, large and alike; a run that is not long takes some of each type. */
const many = /^(SearchParameter|ValueSet|CodeSystem|StructureDefinition|ConceptMap|OperationDefinition)$/;

/**
 * The official examples that the server takes, as text; at most so many of each type of definition, and then without
 * the Bundles of all definitions.
 */
export function examples(most: number): string[] {
  const counted = new Map<string, number>();
  const texts: string[] = [];
  const largest = most === Infinity ? Infinity : 4_000_000;
  for (const name of exampleNames().sort()) {
    const [type = ''] = name.split('-');
    const count = (counted.get(type) ?? 0) + 1;
    counted.set(type, count);
    if (many.test(type) && count > most) continue;
    const text = textOf(name);
    if (text.length > largest) continue;
    const resource = JSON.parse(text) as Resource & { id: string };
    if (!isId(resource.id) || validateResource(resource).some((i) => i.severity !== 'warning')) continue;
    texts.push(text);
  }
  return texts;
}

/** Definitions come by the hundred and are large: of the searches for such a type every tenth is asked. */
export const isMany = (resources: readonly Resource[]): boolean => resources.length > 200;

/** Writes texts of resources, many in one transaction; gives them back as they are stored, meta included. */
export async function fill(store: Store, texts: readonly string[]): Promise<Resource[]> {
  const stored: Resource[] = [];
  for (let i = 0; i < texts.length; i += 200) {
    const some = await store.transaction(async (tx) => {
      const written: Stored[] = [];
      for (const text of texts.slice(i, i + 200))
        written.push(await tx.put(parseJson(text) as Resource & { id: string }));
      return written;
    });
    stored.push(...some.map(({ json }) => JSON.parse(new TextDecoder().decode(json)) as Resource));
  }
  return stored;
}

export interface Asking {
  readonly base: string;
  readonly now?: number;
  readonly count?: number; // how long a page is
}

/** The ids that a search finds, over all pages, in the order of ids. */
export const found = async (
  store: Store,
  type: string,
  pairs: readonly Pair[],
  asking: Asking,
): Promise<string[]> => (await foundInOrder(store, type, pairs, asking)).sort();

/** The ids that a search finds, over all pages. */
export async function foundInOrder(
  store: Store,
  type: string,
  pairs: readonly Pair[],
  { base, now, count = 1000 }: Asking,
): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const paging: Pair[] = [['_count', String(count)]];
    if (cursor !== undefined) paging.push(['_cursor', cursor]);
    const query = parsePairs(type as ResourceType, [...pairs, ...paging], { base, now });
    const page = await store.search(query);
    ids.push(...page.matches.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}
