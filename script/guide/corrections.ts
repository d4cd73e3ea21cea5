import { isLoop, type LoopUse, type SegmentUse, type Use } from '../../src/x12/guide.ts';
import { changed, loopAt, segmentAt, withElement } from './shape.ts';

const isSegment = (use: Use, id: string): use is SegmentUse => !isLoop(use) && use.id === id;

/** A segment whose usage billing.md confirms, whatever the second source says. */
const sure = ({ id, name, position, usage, repeat, elements, syntax }: SegmentUse): SegmentUse => ({
  id,
  name,
  position,
  usage,
  repeat,
  elements,
  ...(syntax === undefined ? {} : { syntax }),
});

/**
 * 271, 2110C and 2110D: the map has III beside its loop 2115 as well, LS and LE in the loops between them. LS and LE stand
 * around the repeats of 2120, 2115 holds III alone.
 */
function benefit(loop: LoopUse): LoopUse {
  const level = loop.id.slice(-1);
  const additional = loopAt(loop.content, `2115${level}`);
  const entity = loopAt(loop.content, `2120${level}`);
  const iii = segmentAt(additional.content, 'III');
  const rest = loop.content.filter((use) => !isLoop(use) && use.id !== 'III' && use.id !== 'LS');
  const last = rest.length + 1;
  return {
    ...loop,
    content: [
      ...rest.map((use, at) => ({ ...use, position: at + 1 })),
      { ...additional, position: last, content: [{ ...iii, usage: 'R', position: 1 }] },
      { ...sure(segmentAt(loop.content, 'LS')), position: last + 1 },
      { ...entity, position: last + 2, content: entity.content.filter(({ id }) => id !== 'LE') },
      { ...segmentAt(entity.content, 'LE'), position: last + 3 },
    ],
  };
}

/** What the maps of a guide say wrongly, put right. */
export const corrections: Readonly<Record<string, (content: readonly Use[]) => Use[]>> = {
  '005010X222A1': (content) => changed(content, (use) => (isSegment(use, 'HI') ? sure(use) : use)),
  '005010X279A1-270': (content) =>
    changed(content, (use) => (isSegment(use, 'EQ') ? withElement(use, 1, { repeat: 99 }) : use)),
  '005010X279A1-271': (content) =>
    changed(content, (use) => {
      if (isSegment(use, 'EB')) return withElement(use, 3, { repeat: 99 });
      return isLoop(use) && use.id.startsWith('2110') ? benefit(use) : use;
    }),
  // loop names of the claim guides have up to six characters
  '005010X231A1': (content) =>
    changed(content, (use) => (isSegment(use, 'IK3') ? withElement(use, 3, { max: 6 }) : use)),
};
