import { loopOf, loopsOf, segmentOf, segmentsOf, type Loop, type Placed } from '../../x12/loop.ts';
import { components, element, repeats, type Segment } from '../../x12/segment.ts';
import { dateOfText, daysOf, type Days } from '../../x12/value.ts';

/** Why a payer does not answer: AAA. */
export interface Rejection {
  readonly code: string; // AAA03
  readonly followUp: string; // AAA04
  readonly position: number;
}

/** An EB with what belongs to it. */
export interface Benefit {
  readonly code: string; // EB01
  readonly level: string; // EB02
  readonly serviceTypes: readonly string[]; // EB03
  readonly plan: string; // EB05
  readonly period: string; // EB06
  readonly amount: string; // EB07
  readonly percent: string; // EB08
  readonly quantity: string; // EB10
  readonly authorization: string; // EB11
  readonly network: string; // EB12
  readonly service: readonly string[]; // EB13: qualifier, code, modifiers
  readonly messages: readonly string[];
  readonly rest: readonly Segment[]; // what has no place of its own
  readonly position: number;
}

/** What a 271 says of one person. */
export interface EligibilityAnswer {
  readonly traces: readonly string[]; // TRN02 of ours
  readonly reference: string; // BHT03
  readonly member: string; // NM109 of the subscriber
  readonly born?: string;
  readonly isDependent: boolean;
  readonly period?: { readonly start?: string; readonly end?: string };
  readonly benefits: readonly Benefit[];
  readonly rejections: readonly Rejection[];
  readonly rest: readonly Segment[];
}

/** Reads a level of a 271: of a subscriber with dependents (2000C), or one above that nobody is in. */
export function readAnswer271({ loop, above }: Placed): EligibilityAnswer[] {
  const set = above.find(({ id }) => id === 'ST');
  const bht = set && segmentOf(set, 'BHT');
  const higher = [...above, ...(loop.id === '2000C' ? [] : [loop])].filter(({ id }) => id !== 'ST');
  const refused = higher.flatMap(rejectionsOf);
  const reference = bht ? element(bht, 3) : '';
  if (loop.id !== '2000C') return [{ ...nobody, reference, rejections: refused }];
  const member = said(loopOf(loop, '2100C'), 'NM1', 9);
  const dependents = loopsOf(loop, '2000D');
  const people = dependents.length === 0 ? [loop] : dependents;
  return people.map((person): EligibilityAnswer => {
    const isDependent = person !== loop;
    const named = loopOf(person, isDependent ? '2100D' : '2100C');
    const outer = isDependent ? [loop, person] : [person];
    const born = dateOfText(said(named, 'DMG', 2));
    const period = periodOf(named);
    return {
      traces: outer.flatMap((one) => segmentsOf(one, 'TRN')).map((trn) => element(trn, 2)),
      ...{ reference, member, isDependent },
      ...(born === undefined ? {} : { born }),
      ...(period ? { period } : {}),
      benefits: (named ? benefitLoops(named) : []).map(benefitOf),
      rejections: [...refused, ...outer.flatMap(rejectionsOf)],
      rest: (named?.segments ?? []).filter(({ id }) => !placed.includes(id)),
    };
  });
}

const nobody: EligibilityAnswer = {
  ...{ traces: [], reference: '', member: '', isDependent: false, benefits: [], rejections: [], rest: [] },
};

/** Segments of a person's name that are read, or that say again who he is. */
const placed: readonly string[] = ['NM1', 'N3', 'N4', 'DMG', 'DTP', 'AAA', 'TRN'];

const said = (loop: Loop | undefined, id: string, n: number): string => {
  const found = loop && segmentOf(loop, id);
  return found ? element(found, n) : '';
};

const benefitLoops = (named: Loop): readonly Loop[] => named.loops.filter(({ id }) => id.startsWith('2110'));

/** AAA of a level, of the name in it and of its benefits. */
function rejectionsOf(level: Loop): Rejection[] {
  const names = level.loops.filter(({ id }) => id.startsWith('2100'));
  return [level, ...names, ...names.flatMap(benefitLoops)]
    .flatMap((loop) => segmentsOf(loop, 'AAA'))
    .map((aaa) => ({ code: element(aaa, 3), followUp: element(aaa, 4), position: aaa.position }));
}

/** When the plan, or eligibility in it, begins and ends. */
function periodOf(named: Loop | undefined): EligibilityAnswer['period'] {
  const days = (qualifier: string): Days | undefined => {
    const found = named && segmentOf(named, 'DTP', qualifier);
    return found && daysOf(element(found, 2), element(found, 3));
  };
  const whole = days('291') ?? days('307');
  const start = days('346')?.start ?? days('356')?.start ?? whole?.start;
  const end = days('347')?.start ?? days('357')?.start ?? whole?.end;
  if (start === undefined && end === undefined) return undefined;
  return { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
}

function benefitOf(loop: Loop): Benefit {
  const eb = segmentOf(loop, 'EB');
  const value = (n: number): string => (eb ? element(eb, n) : '');
  const related = loop.loops.flatMap((inner) => inner.segments);
  const hasMore = [4, 9, 14].some((n) => value(n) !== '');
  return {
    ...{ code: value(1), level: value(2), plan: value(5), period: value(6), amount: value(7) },
    ...{ percent: value(8), quantity: value(10), authorization: value(11), network: value(12) },
    serviceTypes: eb ? repeats(eb, 3) : [],
    service: eb && value(13) !== '' ? components(eb, 13).slice(0, 6) : [],
    messages: segmentsOf(loop, 'MSG').map((msg) => element(msg, 1)),
    rest: [
      ...(eb && hasMore ? [eb] : []),
      ...loop.segments.filter(({ id }) => !['EB', 'MSG', 'AAA', 'LS', 'LE'].includes(id)),
      ...related,
    ],
    position: eb?.position ?? 0,
  };
}

/** A composite of a segment as text, for what is kept as it came. */
export const segmentText = ({ id, elements }: Segment): string => [id, ...elements].join('*');
