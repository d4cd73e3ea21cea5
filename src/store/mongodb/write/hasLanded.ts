import type { Collections, ResourceDocument } from '../connection/collections.ts';

/**
 * Whether a version was written, by any attempt: it is the current one or a former one. The answer is final, as it is
 * read by a write that changes nothing, which a majority of servers confirms.
 */
export async function hasLanded(
  { resource, version }: Collections,
  { _id, v, w }: ResourceDocument,
): Promise<boolean> {
  const { matchedCount } = await resource.updateOne({ _id, w }, { $set: { w } });
  if (matchedCount > 0) return true;
  const former = await version.findOne({ _id: { r: _id, v } }, { projection: { w: 1 } });
  return former?.w === w;
}
