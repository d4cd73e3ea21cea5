import type { Collections } from '../connection/collections.ts';
import { currentOfAll, type Current } from './current.ts';
import type { Outcome } from './gathered.ts';

/** The current versions of resources; undefined for one that is not known. */
export async function readTogether(
  collections: Collections,
  references: readonly string[],
): Promise<Outcome<Current | undefined>[]> {
  const found = await currentOfAll(collections, [...new Set(references)]);
  return references.map((reference) => ({ value: found.get(reference) }));
}
