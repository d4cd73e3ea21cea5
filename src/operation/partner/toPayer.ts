import type { Loop } from '../../x12/loop.ts';
import type { Segment } from '../../x12/segment.ts';
import { stripped } from '../../x12/write.ts';

/** The payer, in the loop that names it, under the id that the partner has for it. */
export function toPayer(loop: Loop, payerId: string | undefined, at = '2010BB'): Loop {
  if (payerId === undefined) return loop;
  if (loop.id !== at) return { ...loop, loops: loop.loops.map((inner) => toPayer(inner, payerId, at)) };
  const named = (one: Segment): Segment => {
    if (one.id !== 'NM1') return one;
    const elements = [...one.elements];
    while (elements.length < 7) elements.push('');
    elements.splice(7, 2, 'PI', stripped(payerId));
    return { ...one, elements };
  };
  return { ...loop, segments: loop.segments.map(named) };
}
