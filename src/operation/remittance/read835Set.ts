import { AdviceReader } from '../../billing/remittance/read835.ts';
import type { Advice } from '../../billing/remittance/advice.ts';
import { segmentOf, segmentsWithin, type Loop } from '../../x12/loop.ts';
import type { SetEnd, Unit } from '../../x12/part.ts';
import { segment } from '../../x12/segment.ts';

/** Begins a new group of claims: what came before is not of it. */
const nextGroup = segment('LX', ['0']);
const isOfGroup = (id: string): boolean => id === 'LX' || id === 'TS3' || id === 'TS2';

/**
 * The remittance of an 835 as it is read: claims come one by one with the group they stand in, what the payment is
 * comes with the end of the set.
 */
export async function read835Set(parts: AsyncIterable<Unit | SetEnd>): Promise<Advice> {
  const reader = new AdviceReader();
  let group: Loop | undefined;
  for await (const part of parts) {
    if (part.kind === 'unit') {
      const within = part.above.at(-1);
      if (within !== group) {
        reader.take(nextGroup);
        const practice = within && segmentOf(within, 'TS3');
        if (practice) reader.take(practice);
        group = within;
      }
      for (const one of segmentsWithin(part.loop)) reader.take(one);
      continue;
    }
    reader.take(nextGroup);
    const all = [...segmentsWithin(part.set)];
    for (const one of all) if (!isOfGroup(one.id) && one.id !== 'PLB') reader.take(one);
    for (const one of all) if (one.id === 'PLB') reader.take(one);
  }
  return reader.advice();
}
