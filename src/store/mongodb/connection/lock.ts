import { createHash } from 'node:crypto';
import { within, type View } from './mongoState.ts';

/** Keys share so many documents: two that meet by chance wait for each other once, and the collection never grows. */
const bucketBytes = 2;

/** Writes to the document of a key, so that of two transactions, on whatever server, one conflicts and is run again. */
export async function lockDocument(view: View, key: string): Promise<void> {
  const bucket = createHash('sha256').update(key).digest().subarray(0, bucketBytes).toString('hex');
  await view.state.collections.lock.updateOne(
    { _id: `key|${bucket}` },
    { $inc: { g: 1 } },
    { ...within(view), upsert: true },
  );
}
