import { loopOf, segmentOf, type Loop } from './loop.ts';
import { element, segment, type Segment } from './segment.ts';
import { text } from './value.ts';

/** The name of a person as NM1 has it; '' for a part that is not there. */
export interface PersonName {
  readonly family: string; // NM103
  readonly first: string; // NM104
  readonly middle: string; // NM105
  readonly suffix: string; // NM107
}

/** NM108 and NM109: what kind of number, and the number. */
export type Numbered = readonly [qualifier: string, number: string];

const numbered = ([qualifier, number]: Numbered): readonly string[] =>
  number === '' ? [] : [qualifier, text(number, 80)];

/** NM1 of a person; `code` says what the person is (NM101). */
export const personSegment = (code: string, name: PersonName, number: Numbered = ['', '']): Segment =>
  segment('NM1', [
    ...[code, '1', text(name.family, 60), text(name.first, 35), text(name.middle, 25)],
    ...['', text(name.suffix, 10), ...numbered(number)],
  ]);

/** NM1 of an organization. */
export const organizationSegment = (
  code: string,
  name: string | undefined,
  number: Numbered = ['', ''],
): Segment => segment('NM1', [code, '2', text(name, 60), '', '', '', '', ...numbered(number)]);

/** NM1 of a loop that names somebody, within a level; undefined where either is not there. */
export function nm1In(level: Loop | undefined, id: string): Segment | undefined {
  const name = level && loopOf(level, id);
  return name && segmentOf(name, 'NM1');
}

export const nameIn = (nm1: Segment): PersonName => ({
  ...{ family: element(nm1, 3), first: element(nm1, 4) },
  ...{ middle: element(nm1, 5), suffix: element(nm1, 7) },
});
