import type { Loop } from '../../x12/loop.ts';
import { readBytes } from '../../x12/read.ts';
import type { Segment } from '../../x12/segment.ts';
import type { Ends } from './books.ts';
import { endsOf } from './envelope.ts';

/** One level of a question: a member or patient, with the levels above. */
export interface Asked {
  readonly loop: Loop;
  readonly above: readonly Loop[];
}

/** A set that asks for something: eligibility (270), where claims stand (276), or authorization (278). */
export interface Question {
  readonly interchange: number; // which of the file, from 0
  readonly set: '270' | '276' | '278';
  readonly guide: string;
  readonly ends: Ends;
  readonly head: Loop; // the set without its members
  readonly asked: readonly Asked[];
}

const isQuestion = (set: string): set is Question['set'] => set === '270' || set === '276' || set === '278';

/** The questions of a file, those that no acknowledgement refuses. */
export function questionsIn(bytes: Uint8Array): Question[] {
  const questions: Question[] = [];
  let interchange = -1;
  let isa: Segment | undefined;
  let asked: Asked[] = [];
  for (const part of readBytes(bytes)) {
    if (part.kind === 'interchange') {
      isa = part.header;
      interchange += 1;
    } else if (part.kind === 'set') asked = [];
    else if (part.kind === 'unit' && isQuestion(part.guide.set))
      asked.push({ loop: part.loop, above: part.above });
    else if (part.kind === 'setEnd' && isa && part.guide && part.status !== 'R') {
      const { set, id: guide } = part.guide;
      if (!isQuestion(set)) continue;
      questions.push({ interchange, set, guide, ends: endsOf(isa, part.group), head: part.set, asked });
    }
  }
  return questions;
}
