import {
  type ElementUse,
  isLoop,
  type LoopUse,
  type SegmentUse,
  type Usage,
  type Use,
} from '../../src/x12/guide.ts';
import { withElement } from './shape.ts';

/** Builders for the guides that no open map has: they are put together of segments of their neighbours. */

const unsureElement = (element: ElementUse): ElementUse =>
  element.usage === 'N'
    ? element
    : {
        ...element,
        unsure: true,
        ...(element.components === undefined ? {} : { components: element.components.map(unsureElement) }),
      };

/** A use that could not be confirmed in any source: faults in it are reported and refuse nothing. */
export function unsure<T extends Use>(use: T): T {
  if (isLoop(use)) return { ...use, unsure: true, content: use.content.map(unsure) };
  return { ...use, unsure: true, elements: use.elements.map(unsureElement) };
}

interface As {
  readonly name?: string;
  readonly usage?: Usage;
  readonly repeat?: number | null;
  /** Codes of element 01. */
  readonly codes?: string;
}

/** A segment of a neighbour under another name, usage or qualifier. */
export function as(segment: SegmentUse, { name, usage, repeat, codes }: As): SegmentUse {
  const named = {
    ...segment,
    name: name ?? segment.name,
    usage: usage ?? segment.usage,
    repeat: repeat === undefined ? segment.repeat : repeat,
  };
  return codes === undefined ? named : withElement(named, 1, { codes: codes.split(',') });
}

export function loop(
  id: string,
  name: string,
  usage: Usage,
  repeat: number | null,
  content: readonly Use[],
): LoopUse {
  return { id, name, position: 1, usage, repeat, content };
}

/** Positions by order: equal ids that follow each other share one, as dates and references do. */
export function inOrder(content: readonly Use[]): Use[] {
  let position = 0;
  return content.map((use, at) => {
    const before = content[at - 1];
    const same =
      before !== undefined &&
      isLoop(before) === isLoop(use) &&
      (isLoop(use) && isLoop(before)
        ? opens(before) === opens(use) && opens(use) !== 'HL'
        : before.id === use.id);
    if (!same) position += 1;
    return isLoop(use) ? { ...use, position, content: inOrder(use.content) } : { ...use, position };
  });
}

const opens = (use: LoopUse): string => use.content[0]?.id ?? '';
