import { resourceOf } from '../../version.ts';
import { storedOf, type ResourceDocument } from '../connection/collections.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { derivedOf } from '../write/document.ts';
import { outdatedOf } from './buildIndex.ts';

const fields = ['k', 'b', 'n', 'x', 'y', 'a', 'd', 's', 'q'] as const;

/** The resources whose index entries differ from their content, and the types that are still to be indexed. */
export async function* indexFaults(state: MongoState): AsyncGenerator<string> {
  const unbuilt = new Set(outdatedOf(state).map(({ type }) => type));
  for (const type of unbuilt)
    yield `the index of ${type} is not complete: the next start of a server builds it`;
  const cursor = state.collections.resource.find({ t: { $exists: true } });
  for await (const row of cursor) {
    if (row.t === undefined || unbuilt.has(row.t)) continue;
    const derived: Partial<ResourceDocument> = derivedOf(state, resourceOf(storedOf(row._id, row.v, row)));
    const different = fields.filter((field) => textOf(row[field]) !== textOf(derived[field]));
    if (different.length > 0) yield `the index of ${row._id} differs from what it says (npm run reindex)`;
  }
}

/** The same text for the same entries, in whatever order they stand. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).sort().join('|');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => `${name}=${textOf(part)}`)
      .sort()
      .join('&');
  return value === undefined || value === null ? '' : JSON.stringify(value);
}
