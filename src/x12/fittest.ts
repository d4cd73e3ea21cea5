import { checkSegment } from './checkSegment.ts';
import type { Fault } from './fault.ts';
import { isLoop } from './guide.ts';
import type { Guide } from './guide.ts';
import type { Segment } from './segment.ts';

/** The guide whose use of this segment finds the least fault with it. */
export function fittest(guides: readonly Guide[], second: Segment): Guide | undefined {
  const fits = guides.map((guide) => {
    const use = guide.content.find((one) => !isLoop(one) && one.id === second.id);
    const faults: Fault[] = [];
    if (use && !isLoop(use)) checkSegment(second, use, { loop: '', faults });
    return { guide, unfit: use ? faults.length : Infinity };
  });
  return fits.sort((a, b) => a.unfit - b.unfit)[0]?.guide;
}
