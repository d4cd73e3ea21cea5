import type { Collections } from './collections.ts';
import { currentFields, currentOf, type Current } from './current.ts';
import type { Outcome } from './gathered.ts';

/** The current versions of resources; undefined for one that is not known. */
export async function readTogether(
  { resource }: Collections,
  references: readonly string[],
): Promise<Outcome<Current | undefined>[]> {
  const wanted = [...new Set(references)];
  const [only = ''] = wanted;
  const filter = { _id: wanted.length === 1 ? only : { $in: wanted } };
  const rows = await resource
    .find(filter, { projection: currentFields, batchSize: wanted.length + 1 })
    .toArray();
  const found = new Map(rows.map((row) => [row._id, currentOf(row)]));
  return references.map((reference) => ({ value: found.get(reference) }));
}
