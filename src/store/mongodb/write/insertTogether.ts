import type { Collections, ResourceDocument } from '../connection/collections.ts';
import { errorOfOne } from './bulkError.ts';
import type { Outcome } from './gathered.ts';

/** Inserts new resources independently: one that exists already does not prevent the others. */
export async function insertTogether(
  { resource }: Collections,
  documents: readonly ResourceDocument[],
): Promise<Outcome<undefined>[]> {
  try {
    await resource.insertMany([...documents], { ordered: false });
    return documents.map(() => ({ value: undefined }));
  } catch (error) {
    return documents.map((_, i) => {
      const own = errorOfOne(error, i);
      return own === undefined ? { value: undefined } : { error: own };
    });
  }
}
