import type { Collections, ResourceDocument } from '../connection/collections.ts';

/**
 * Whether a version was written, by whichever attempt: it is the current one, or has become a former one since. What
 * this says lasts: a write that changes nothing is confirmed by most servers like any other.
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
