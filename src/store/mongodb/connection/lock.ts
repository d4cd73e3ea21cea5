import { createHash } from 'node:crypto';
import { within, type View } from './mongoState.ts';

/** Keys share 65,536 documents, so that the collection does not grow; two keys of one document wait for each other. */
const bucketBytes = 2;

/** Writes to the document of a key, so that of two transactions, on any server, one conflicts and is retried. */
export async function lockDocument(view: View, key: string): Promise<void> {
  const bucket = createHash('sha256').update(key).digest().subarray(0, bucketBytes).toString('hex');
  await view.state.collections.lock.updateOne(
    { _id: `key|${bucket}` },
    { $inc: { g: 1 } },
    { ...within(view), upsert: true },
  );
}
