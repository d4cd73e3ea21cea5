import { element } from './segment.ts';
import type { Segment } from './segment.ts';

/** A loop as the guide shapes it, named as the guide names it: '2010AA'. The set itself is the loop 'ST'. */
export interface Loop {
  readonly id: string;
  /** Its own segments, in the order they came; the first opens the loop. */
  readonly segments: readonly Segment[];
  /** The loops inside it, in the order they came. */
  readonly loops: readonly Loop[];
}

/** A loop with the loops above it as far as they were read; the set comes first. */
export interface Placed {
  readonly loop: Loop;
  readonly above: readonly Loop[];
}

/** A qualifier of element 01, or several that do. */
export type Qualifier = string | readonly string[];

const qualifies = (segment: Segment, qualifier: Qualifier | undefined): boolean =>
  qualifier === undefined ||
  (typeof qualifier === 'string'
    ? element(segment, 1) === qualifier
    : qualifier.includes(element(segment, 1)));

/** The first segment of this id in the loop itself, with this qualifier in element 01. */
export const segmentOf = (loop: Loop, id: string, qualifier?: Qualifier): Segment | undefined =>
  loop.segments.find((segment) => segment.id === id && qualifies(segment, qualifier));

export const segmentsOf = (loop: Loop, id: string, qualifier?: Qualifier): readonly Segment[] =>
  loop.segments.filter((segment) => segment.id === id && qualifies(segment, qualifier));

/** The first loop of this id directly inside. */
export const loopOf = (loop: Loop, id: string): Loop | undefined =>
  loop.loops.find((inner) => inner.id === id);

export const loopsOf = (loop: Loop, id: string): readonly Loop[] =>
  loop.loops.filter((inner) => inner.id === id);

/** Every segment of the loop and of the loops inside it, in the order they were sent. */
export function* segmentsWithin(loop: Loop): Generator<Segment> {
  for (const member of membersOf(loop)) {
    if ('elements' in member) yield member;
    else yield* segmentsWithin(member);
  }
}

/**
 * A loop's segments and inner loops in the order they were sent. Its segments come before its inner loops, but for
 * those that close it (SE of a set, PLB of an 835): they were sent after them. Segments that were read know their
 * position; those made for writing are ordered by the writer.
 */
export function* membersOf(loop: Loop): Generator<Segment | Loop> {
  let next = 0;
  for (const inner of loop.loops) {
    const first = inner.segments[0]?.position ?? 0;
    for (; next < loop.segments.length; next += 1) {
      const own = loop.segments[next];
      if (!own || (first !== 0 && own.position > first)) break;
      yield own;
    }
    yield inner;
  }
  yield* loop.segments.slice(next);
}
