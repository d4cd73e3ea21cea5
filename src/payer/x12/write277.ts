import type { Cents } from '../../datatypes/cents.ts';
import { copied } from '../../x12/copied.ts';
import { loopsOf, segmentOf, type Loop } from '../../x12/loop.ts';
import { segment, type Segment, type Value } from '../../x12/segment.ts';
import type { Books, KeptClaim } from './books.ts';
import type { Clock } from './envelope.ts';
import type { House } from './house.ts';
import type { Asked, Question } from './question.ts';
import { amountText, dayText, said, saidIn } from './value.ts';

/** Who answers, and when. */
export interface StatusDesk {
  readonly houses: readonly House[];
  readonly clock: Clock;
}

/** The set of a 277 (005010X212) that says where the claims of a 276 stand, in the levels of the question. */
export function write277(books: Books, desk: StatusDesk, question: Question): Loop {
  let last = 0;
  const hl = (parent: number, code: string, child: string): Segment => {
    last += 1;
    return segment('HL', [String(last), parent === 0 ? '' : String(parent), code, child]);
  };
  const { on, time } = desk.clock;
  const sources = grouped(question.asked, '2000A', '2100A').map(([source, ofSource]): Loop => {
    const house = desk.houses.find((h) => h.id === saidIn(source, '2100A', ['NM1', 9]));
    const levelA = hl(0, '20', '1');
    const a = last;
    const receivers = grouped(ofSource, '2000B', '2100B').map(([receiver, ofReceiver]): Loop => {
      const levelB = hl(a, '21', '1');
      const b = last;
      const providers = grouped(ofReceiver, '2000C', '2100C').map(([provider, ofProvider]): Loop => {
        const levelC = hl(b, '19', '1');
        const c = last;
        const members = ofProvider.map((asked): Loop =>
          member(books, { house, on }, { asked, parent: c, hl }),
        );
        return { id: '2000C', segments: [levelC], loops: [nameOf(provider, '2100C'), ...members] };
      });
      return { id: '2000B', segments: [levelB], loops: [nameOf(receiver, '2100B'), ...providers] };
    });
    return { id: '2000A', segments: [levelA], loops: [nameOf(source, '2100A'), ...receivers] };
  });
  const number = `${books.numbers.interchange + 1}`;
  return {
    id: 'ST',
    segments: [segment('BHT', ['0010', '08', number, dayText(on), time, 'DG'])],
    loops: sources,
  };
}

/** Members by a level above them, in the order in which they were asked for. */
function grouped(
  asked: readonly Asked[],
  level: string,
  name: string,
): (readonly [Loop | undefined, readonly Asked[]])[] {
  const levelOf = ({ above }: Asked): Loop | undefined => above.find(({ id }) => id === level);
  const key = (one: Asked): string => {
    const loop = levelOf(one)?.loops.find(({ id }) => id === name);
    return loop?.segments.map(({ elements }) => elements.join('*')).join('~') ?? '';
  };
  return [...Map.groupBy(asked, key).values()].map((some) => [some[0] && levelOf(some[0]), some] as const);
}

/** The name of a level, as it was asked. */
function nameOf(level: Loop | undefined, id: string): Loop {
  const nm1 = level?.loops.find((loop) => loop.id === id)?.segments.find((s) => s.id === 'NM1');
  return { id, segments: [copied(nm1, 'NM1')], loops: [] };
}

interface Answering {
  readonly house: House | undefined;
  readonly on: string;
}

interface Place {
  readonly asked: Asked;
  readonly parent: number;
  readonly hl: (parent: number, code: string, child: string) => Segment;
}

function member(books: Books, answering: Answering, { asked, parent, hl }: Place): Loop {
  const { loop } = asked;
  const dependents = loopsOf(loop, '2000E');
  const level = hl(parent, '22', dependents.length > 0 ? '1' : '0');
  const own = Number(level.elements[0]);
  return {
    id: '2000D',
    segments: [level],
    loops: [
      nameOf(loop, '2100D'),
      ...loopsOf(loop, '2200D').map((claim) => tracked(books, answering, claim)),
      ...dependents.map((dependent) => ({
        id: '2000E',
        segments: [hl(own, '23', '')],
        loops: [
          nameOf(dependent, '2100E'),
          ...loopsOf(dependent, '2200E').map((claim) => tracked(books, answering, claim)),
        ],
      })),
    ],
  };
}

/** What is said of one claim: found by its number, or the payer's own. */
function tracked(books: Books, { house, on }: Answering, asked: Loop): Loop {
  const [number, icn] = [said(asked, 'REF', 2, 'EJ'), said(asked, 'REF', 2, '1K')];
  const kept = Object.values(books.claims).findLast(
    (claim) => claim.house === house?.id && (claim.icn === icn || (number !== '' && claim.number === number)),
  );
  const charge = said(asked, 'AMT', 2, 'T3');
  const days = segmentOf(asked, 'DTP', '472');
  const { code, paid } = standing(books, kept);
  const amounts: Value[] = paid === undefined ? [charge] : [charge, amountText(paid)];
  return {
    id: asked.id,
    segments: [
      segment('TRN', ['2', said(asked, 'TRN', 2)]),
      segment('STC', [code, dayText(on), '', ...amounts]),
      ...(kept ? [segment('REF', ['1K', kept.icn])] : []),
      ...(number === '' ? [] : [segment('REF', ['EJ', number])]),
      ...(days ? [copied(days, 'DTP')] : []),
    ],
    loops: [],
  };
}

interface Standing {
  readonly code: readonly string[]; // category and status of STC01
  readonly paid?: Cents;
}

function standing(books: Books, kept: KeptClaim | undefined): Standing {
  if (!kept) return { code: ['D0', '35'] };
  if (kept.state === 'pended') return { code: ['P3', '317'] };
  const { remitted } = kept;
  if (!remitted) return { code: ['F0', '3'] };
  const isDue = books.due.some(({ clps }) => clps.some((clp) => clp.icn === kept.icn));
  if (isDue) return { code: ['P1', '3'] };
  return remitted.status === '4'
    ? { code: ['F2', '104'], paid: remitted.paid }
    : { code: ['F1', '65'], paid: remitted.paid };
}
