import { asOfBytes, type AsOfPage, type AsOfQuery } from '../../asOf.ts';
import type { Stored } from '../../store.ts';
import { storedFields, storedOf } from '../connection/collections.ts';
import { within, type View } from '../connection/mongoState.ts';

/** The order of references ends a type: the character after the slash. */
const afterSlash = '0';

/**
 * The versions of a type that were current at a moment, in order of their references: current versions, and for what was
 * written later the version before that.
 */
export async function asOf(view: View, query: AsOfQuery): Promise<AsOfPage> {
  const { type, at, since = -1, count, after } = query;
  const lower = after === undefined ? { $gte: `${type}/` } : { $gt: after };
  const cursor = view.state.collections.resource
    .find(
      { _id: { ...lower, $lt: `${type}${afterSlash}` }, ...(since < 0 ? {} : { u: { $gt: since } }) },
      { projection: storedFields, ...within(view) },
    )
    .sort({ _id: 1 })
    .limit(count);
  const versions: Stored[] = [];
  let looked = 0;
  let bytes = 0;
  let last: string | undefined;
  for await (const row of cursor) {
    looked += 1;
    last = row._id;
    const version = row.u <= at ? storedOf(row._id, row.v, row) : await formerAt(view, row._id, row.v, at);
    if (!version || Date.parse(version.lastUpdated) <= since) continue;
    versions.push(version);
    bytes += version.json.length;
    if (bytes >= asOfBytes) return { versions, next: last };
  }
  return looked < count || last === undefined ? { versions } : { versions, next: last };
}

/** The newest version before one that was written by a moment. */
async function formerAt(view: View, r: string, before: number, at: number): Promise<Stored | undefined> {
  const row = await view.state.collections.version.findOne(
    { _id: { $gte: { r, v: 0 }, $lt: { r, v: before } }, u: { $lte: at } },
    { sort: { _id: -1 }, ...within(view) },
  );
  return row ? storedOf(row._id.r, row._id.v, row) : undefined;
}
