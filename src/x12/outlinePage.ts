import { compile } from './compile.ts';
import type { LoopNode } from './compile.ts';
import type { Fault } from './fault.ts';
import type { Loop } from './loop.ts';
import { faultsByPosition, inLoop, linesOf, noSegment, setFaultLines } from './outline.ts';
import type { OutlineLine } from './outline.ts';
import type { Part, SetEnd, Unit } from './part.ts';
import { readInterchanges } from './read.ts';

interface Page {
  readonly from: number; // of the segments of the file, the first is 1
  readonly count: number;
}

/**
 * Some segments of a file of any length, in bounded memory: it is read twice, for what is wrong with a segment is known
 * when its set has ended. The last line says where what follows begins.
 */
export async function outlinePage(
  source: () => AsyncIterable<Uint8Array>,
  { from, count }: Page,
): Promise<readonly OutlineLine[]> {
  const end = from + count;
  const faults = await faultsIn(source(), { from, count });
  const lines: OutlineLine[] = [];
  const reading = newReading(from, end, faults);
  for await (const part of readInterchanges(source())) {
    for (const line of takePart(reading, part)) lines.push(line);
    if (reading.base + reading.last < end) continue;
    const told = `Segments ${from} to ${end - 1} are shown; what follows begins with from=${end}.`;
    lines.push({ ...noSegment, depth: 0, position: reading.last, faults: [told] });
    break;
  }
  return lines;
}

/** Of each interchange of a file, the faults of the segments of a page by their position. */
type Faults = ReadonlyMap<number, ReadonlyMap<number, readonly Fault[]>>;

async function faultsIn(source: AsyncIterable<Uint8Array>, { from, count }: Page): Promise<Faults> {
  const found = new Map<number, Map<number, readonly Fault[]>>();
  let base = 0;
  for await (const part of readInterchanges(source)) {
    if (part.kind === 'setEnd') {
      for (const [position, faults] of faultsByPosition(part.faults)) {
        if (base + position < from || base + position >= from + count) continue;
        const here = found.get(base) ?? new Map<number, readonly Fault[]>();
        found.set(base, here.set(position, faults));
      }
      if (base + part.position >= from + count) break;
    } else if (part.kind === 'interchangeEnd') base += part.trailer?.position ?? 0;
  }
  return found;
}

interface Reading {
  readonly from: number;
  readonly end: number;
  readonly faults: Faults;
  /** Segments of the file before the interchange that is read. */
  base: number;
  /** The position of the last segment that was passed in it. */
  last: number;
}

const newReading = (from: number, end: number, faults: Faults): Reading => ({
  ...{ from, end, faults, base: 0, last: 0 },
});

function* takePart(reading: Reading, part: Part): Generator<OutlineLine> {
  switch (part.kind) {
    case 'set':
      break;
    case 'unit':
      yield* unitLines(reading, part);
      break;
    case 'setEnd':
      yield* endOfSet(reading, part);
      break;
    default: {
      for (const line of linesOf(part)) if (isOnPage(reading, line.position)) yield line;
      const segment = segmentOfPart(part);
      reading.last = Math.max(reading.last, segment ?? 0);
      if (part.kind !== 'interchangeEnd') break;
      reading.base += part.trailer?.position ?? reading.last;
      reading.last = 0;
    }
  }
}

const segmentOfPart = (part: Part): number | undefined =>
  'header' in part && part.header && part.kind !== 'groupEnd' && part.kind !== 'interchangeEnd'
    ? part.header.position
    : 'trailer' in part
      ? part.trailer?.position
      : undefined;

const isOnPage = ({ from, end, base }: Reading, position: number): boolean =>
  base + position >= from && base + position < end;

/** What of the loops above a unit was not told before, then the unit. */
function* unitLines(reading: Reading, { guide, loop, above }: Unit): Generator<OutlineLine> {
  let node: LoopNode | undefined = compile(guide, false);
  // the loops above have grown meanwhile: what came after the unit is told after it
  const before = loop.segments[0]?.position ?? 0;
  for (const [n, held] of above.entries()) {
    if (n > 0) node = below(node, held);
    yield* newIn(reading, held, { node, depth: 2 + n, before });
  }
  yield* newIn(reading, loop, { node: below(node, loop), depth: 2 + above.length, before: Infinity });
  reading.last = Math.max(reading.last, lastOf(loop));
}

const below = (node: LoopNode | undefined, { id }: Loop): LoopNode | undefined =>
  node?.members.find((member) => member.node?.id === id)?.node;

function* newIn(
  reading: Reading,
  loop: Loop,
  {
    node,
    depth,
    before,
  }: { readonly node: LoopNode | undefined; readonly depth: number; readonly before: number },
): Generator<OutlineLine> {
  const { last, base, faults } = reading;
  const byPosition = faults.get(base) ?? new Map<number, readonly Fault[]>();
  const isWanted = (position: number): boolean =>
    position > last && position < before && isOnPage(reading, position);
  yield* inLoop(loop, { node, depth, byPosition, isWanted });
}

const lastOf = ({ segments, loops }: Loop): number =>
  Math.max(segments.at(-1)?.position ?? 0, ...loops.slice(-1).map(lastOf));

/** Levels in which no unit came, then what ends the set. */
function* endOfSet(reading: Reading, part: SetEnd): Generator<OutlineLine> {
  const { guide, set, bare, trailer, position, segments } = part;
  const { base, last } = reading;
  const root = guide && compile(guide, false);
  const byPosition = reading.faults.get(base) ?? new Map<number, readonly Fault[]>();
  const isWanted = (at: number): boolean => isOnPage(reading, at);
  for (const { loop, above } of bare) {
    const node = [...above.slice(1), loop].reduce<LoopNode | undefined>(below, root);
    yield* inLoop(loop, { node, depth: 2 + above.length, byPosition, isWanted });
  }
  yield* inLoop(set, { node: root, depth: 2, byPosition, isWanted: (at) => at > last && isWanted(at) });
  const end = trailer?.position ?? position + segments - 1;
  if (isWanted(end)) yield* setFaultLines(part);
  reading.last = Math.max(last, end);
}
