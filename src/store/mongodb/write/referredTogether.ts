import type { Collections } from '../connection/collections.ts';
import { referencePrefix } from '../index/fields.ts';
import type { Outcome } from './gathered.ts';

/**
 * Whether anybody refers to resources: where nobody refers to any of them, that is certain; else each is to be asked
 * for alone (one that refers to itself counts here as well).
 */
export async function referredTogether(
  { resource }: Collections,
  references: readonly string[],
): Promise<Outcome<boolean>[]> {
  const prefixes = [...new Set(references)].map(referencePrefix);
  const found = await resource.findOne({ x: { $in: prefixes } }, { projection: { _id: 1 } });
  return references.map(() => ({ value: found !== null }));
}
