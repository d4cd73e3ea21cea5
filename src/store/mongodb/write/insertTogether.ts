import type { Collections, ResourceDocument } from '../connection/collections.ts';
import { errorOfOne } from './bulkError.ts';
import type { Outcome } from './gathered.ts';

/** Inserts new resources, each for itself: another that is there already keeps none from it. */
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
