import { segment, type Segment } from './segment.ts';
import { stripped } from './write.ts';

/** A segment that is given back as it came, whatever separators its interchange had; an empty one where there was none. */
export function copied(from: Segment | undefined, id: string): Segment {
  const mark = from?.delimiters.component ?? ':';
  const values = (from?.elements ?? []).map((value) => value.split(mark).map((part) => stripped(part)));
  return segment(id, values);
}
