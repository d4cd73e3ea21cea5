import type { Collections } from '../connection/collections.ts';
import { referencePrefix } from '../index/fields.ts';
import type { Outcome } from './gathered.ts';

/**
 * Whether resources are referred to. False for all is certain; otherwise each has to be checked by itself, as a resource
 * that refers to itself counts here too.
 */
export async function referredTogether(
  { resource }: Collections,
  references: readonly string[],
): Promise<Outcome<boolean>[]> {
  const prefixes = [...new Set(references)].map(referencePrefix);
  const found = await resource.findOne({ x: { $in: prefixes } }, { projection: { _id: 1 } });
  return references.map(() => ({ value: found !== null }));
}
