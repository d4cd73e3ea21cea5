import { copied } from './copied.ts';
import { loopOf, segmentOf, type Loop, type Placed } from './loop.ts';
import { element, segment } from './segment.ts';
import { dateText } from './value.ts';

/** A name as a question gives it; nothing but the name. */
export function nameAgain(level: Loop | undefined, id: string): Loop {
  const name = level && loopOf(level, id);
  return { id, segments: [copied(name && segmentOf(name, 'NM1'), 'NM1')], loops: [] };
}

/**
 * The set that answers a level of a question (a 270 or 278): who answers and who asked as the question names them, under
 * its own number (BHT03), and below them the level of the member.
 */
export function answerSet(
  { above }: Placed,
  {
    structure,
    names,
    type,
    on,
    time,
  }: {
    readonly structure: string; // BHT01
    readonly names: readonly [source: string, receiver: string]; // loops of their names: 2100A, 2100B
    readonly type?: string; // BHT06
    readonly on: string; // FHIR date
    readonly time: string;
  },
  member: Loop,
): Loop {
  const level = (id: string): Loop | undefined => above.find((one) => one.id === id);
  const set = level('ST');
  const bht = set && segmentOf(set, 'BHT');
  const number = bht ? element(bht, 3) : '';
  return {
    id: 'ST',
    segments: [
      segment('BHT', [structure, '11', number, dateText(on), time, ...(type === undefined ? [] : [type])]),
    ],
    loops: [
      {
        id: '2000A',
        segments: [segment('HL', ['1', '', '20', '1'])],
        loops: [
          nameAgain(level('2000A'), names[0]),
          {
            id: '2000B',
            segments: [segment('HL', ['2', '1', '21', '1'])],
            loops: [nameAgain(level('2000B'), names[1]), member],
          },
        ],
      },
    ],
  };
}
