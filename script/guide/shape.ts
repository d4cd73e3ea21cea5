import { isLoop, type LoopUse, type SegmentUse, type Use } from '../../src/x12/guide.ts';

/**
 * The maps number positions by the standard's table and, where a loop was moved, out of order. Here positions are ranks
 * within their loop: uses of one rank may come in any order. Neighbouring loops that open with the same segment (the NM1
 * loops of the parties) stand at one position of the standard and get one rank.
 */
export function ranked(content: readonly Use[], sort = true): Use[] {
  const sorted = sort ? [...content].sort((a, b) => place(a) - place(b)) : content;
  let rank = 0;
  let before: Use | undefined;
  return sorted.map((use) => {
    if (before === undefined || !together(before, use)) rank += 1;
    before = use;
    return isLoop(use)
      ? { ...use, position: rank, content: ranked(use.content) }
      : { ...use, position: rank };
  });
}

/** Lower HL levels come after all of a level's own loops, whatever position a map gives them. */
const place = (use: Use): number => (isLoop(use) && opens(use) === 'HL' ? 1_000_000 : 0) + use.position;

const opens = (loop: LoopUse): string => loop.content[0]?.id ?? '';

function together(before: Use, use: Use): boolean {
  if (isLoop(before) && isLoop(use)) return opens(before) === opens(use) && opens(use) !== 'HL';
  return !isLoop(before) && !isLoop(use) && before.position === use.position;
}

/** The content with some uses changed or left out; the visitor sees inner uses after their loop. */
export function changed(
  content: readonly Use[],
  change: (use: Use, path: string) => Use | undefined,
  path = '',
): Use[] {
  return content.flatMap((use): Use[] => {
    const now = change(use, path);
    if (now === undefined) return [];
    return isLoop(now) ? [{ ...now, content: changed(now.content, change, `${path}/${now.id}`) }] : [now];
  });
}

/** A segment with one element changed; n counts from 1 as in the guide. */
export function withElement(
  segment: SegmentUse,
  n: number,
  change: Partial<SegmentUse['elements'][number]>,
): SegmentUse {
  return {
    ...segment,
    elements: segment.elements.map((element, at) => (at === n - 1 ? { ...element, ...change } : element)),
  };
}

export function loopAt(content: readonly Use[], ...path: string[]): LoopUse {
  const [id, ...rest] = path;
  const loop = content.find((use): use is LoopUse => isLoop(use) && use.id === id);
  if (loop === undefined) throw new Error(`no loop ${String(id)}`);
  return rest.length === 0 ? loop : loopAt(loop.content, ...rest);
}

/** The n-th use of a segment in a loop's content. */
export function segmentAt(content: readonly Use[], id: string, n = 0): SegmentUse {
  const found = content.filter((use): use is SegmentUse => !isLoop(use) && use.id === id)[n];
  if (found === undefined) throw new Error(`no segment ${id}`);
  return found;
}
