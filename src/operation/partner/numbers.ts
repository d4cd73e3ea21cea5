import type { Transaction } from '../../store/store.ts';
import { keep, kept } from './kept.ts';

/** The last control numbers that were used between us and a partner. */
interface Last {
  readonly interchange: number; // ISA13
  readonly group: number; // GS06
  readonly set: number; // ST02
}

/** Numbers that nobody has used: the first of each kind. */
export type Numbers = Last;

const largest = 999_999_999;

/**
 * Takes control numbers for one interchange between two ids (idsOf). They rise by the lock of the two, on every server of
 * a store, and what was taken is never given again, whether it was sent or not. `first`: no lower than what another system,
 * or this one before it was restored from an older copy, has used with the partner.
 */
export async function takeNumbers(
  tx: Transaction,
  ids: string,
  {
    groups,
    sets,
    first = 1,
  }: { readonly groups: number; readonly sets: number; readonly first?: number | undefined },
): Promise<Numbers> {
  const key = `x12-numbers|${ids}`;
  await tx.lock(key);
  const used = (await kept<Last>(tx, key)) ?? { interchange: 0, group: 0, set: 0 };
  const from = (number: number): number => Math.max(number, first - 1);
  const last = { interchange: from(used.interchange), group: from(used.group), set: from(used.set) };
  const next = { interchange: last.interchange + 1, group: last.group + groups, set: last.set + sets };
  if (Math.max(next.interchange, next.group, next.set) > largest)
    throw new Error(`the control numbers with a trading partner are used up`);
  await keep(tx, key, next);
  return { interchange: next.interchange, group: last.group + 1, set: last.set + 1 };
}
