import { hopsOf } from '../../datatypes/hop.ts';
import type { Reader } from '../../store/store.ts';
import { hopTerms } from '../../terminology/system.ts';
import { holderOf, taskKey } from '../uniqueKey.ts';
import type { SentClaim } from './compose.ts';
import { sentOf } from './sentIndex.ts';

/**
 * Whether a claim may have gone to a partner under its number: an interchange to it holds it, or none is known (a former
 * system sent it, or it was sent a moment ago). What another partner says of it is no answer.
 */
export async function mayHaveGoneTo(
  reader: Reader,
  ids: string,
  { claim, number }: Pick<SentClaim, 'claim' | 'number'>,
): Promise<boolean> {
  const task = await holderOf(reader, taskKey('submission', claim));
  const sent = hopsOf(task, hopTerms).filter((h) => h.event === 'interchange' && h.control === number);
  if (sent.length === 0) return true;
  for (const hop of sent) {
    const interchange = await sentOf(reader, ids, Number(hop.number.split('|')[0]));
    if (interchange?.binary === hop.proof) return true; // numbers repeat between partners
  }
  return false;
}
