import { addDays } from '../../datatypes/date.ts';
import { isNpi } from '../../datatypes/identifier.ts';
import { copied } from '../../x12/copied.ts';
import { loopOf, loopsOf, segmentOf, type Loop } from '../../x12/loop.ts';
import { component, element, segment, type Segment } from '../../x12/segment.ts';
import { enrolledPlan } from '../enrollment.ts';
import type { Plan } from '../plan.ts';
import { scenarioOf } from '../scenario.ts';
import { keyOf, takeNumber, type Books } from './books.ts';
import { planOf, type House } from './house.ts';
import type { Asked, Question } from './question.ts';
import { dayText, said, saidIn } from './value.ts';
import type { StatusDesk } from './write277.ts';

interface OneAsked {
  readonly question: Question;
  readonly asked: Asked;
}

/** The set of a 278 response (005010X217) for one member that a 278 asks for: what is decided, or why nothing is. */
export function write278(books: Books, desk: StatusDesk, { question, asked }: OneAsked): Loop {
  const { on, time } = desk.clock;
  const bht = segmentOf(question.head, 'BHT');
  const level = (id: string): Loop | undefined => asked.above.find((loop) => loop.id === id);
  const [source, requester] = [level('2000A'), level('2000B')];
  const house = desk.houses.find(({ id }) => id === saidIn(source, '2010A', ['NM1', 9]));
  const isSound = isNpi(saidIn(requester, '2010B', ['NM1', 9]));
  const member = said(loopOf(asked.loop, '2010C'), 'NM1', 9);
  const enrollment = house && books.members[keyOf(house.id, member)];
  const isKnown = house !== undefined && (enrollment !== undefined || scenarioOf(member) !== undefined);
  const deciding: Deciding = {
    books,
    house,
    member,
    on,
    plan: house && planOf(house, enrolledPlan(enrollment)),
  };
  const refusal = house === undefined ? 'payer' : !isSound ? 'provider' : isKnown ? undefined : 'member';
  return {
    id: 'ST',
    segments: [segment('BHT', ['0007', '11', bht ? element(bht, 3) : '', dayText(on), time, '18'])],
    loops: [
      {
        id: '2000A',
        segments: [segment('HL', ['1', '', '20', '1'])],
        loops: [
          named(source, '2010A', refusal === 'payer' ? '79' : ''),
          {
            id: '2000B',
            segments: [segment('HL', ['2', '1', '21', '1'])],
            loops: [
              named(requester, '2010B', refusal === 'provider' ? '51' : ''),
              memberLevel(deciding, asked.loop, refusal),
            ],
          },
        ],
      },
    ],
  };
}

interface Deciding {
  readonly books: Books;
  readonly house: House | undefined;
  readonly member: string;
  readonly on: string;
  readonly plan: Plan | undefined;
}

/** AAA: the request is not valid for this reason; correct it and ask again. */
const refused = (code: string): Segment[] => (code === '' ? [] : [segment('AAA', ['N', '', code, 'C'])]);

/** A name as it was asked, with DMG and INS, and the reason why nothing is decided. */
function named(level: Loop | undefined, id: string, code = ''): Loop {
  const name = level && loopOf(level, id);
  const again = (name?.segments ?? []).filter((one) => one.id === 'DMG' || one.id === 'INS');
  return {
    id,
    segments: [
      copied(name && segmentOf(name, 'NM1'), 'NM1'),
      ...refused(code),
      ...again.map((one) => copied(one, one.id)),
    ],
    loops: [],
  };
}

/** Levels from the member down, with the numbers that they had in the request. */
function memberLevel(deciding: Deciding, asked: Loop, refusal: string | undefined): Loop {
  const numbered = (level: Loop): Segment => copied(segmentOf(level, 'HL'), 'HL');
  const events = (person: Loop): Loop[] =>
    refusal === undefined
      ? loopsOf(person, '2000E').map((event) => eventLevel(deciding, event, numbered))
      : [];
  return {
    id: '2000C',
    segments: [numbered(asked)],
    loops: [
      named(asked, '2010C', refusal === 'member' ? '79' : ''),
      ...events(asked),
      ...loopsOf(asked, '2000D').map((dependent) => ({
        id: '2000D',
        segments: [numbered(dependent)],
        loops: [named(dependent, '2010D'), ...events(dependent)],
      })),
    ],
  };
}

/** TRN of the request, given back. */
const traces = (level: Loop): Segment[] =>
  level.segments
    .filter(({ id }) => id === 'TRN')
    .map((trn) => segment('TRN', ['2', element(trn, 2), element(trn, 3)]));

function eventLevel(deciding: Deciding, event: Loop, numbered: (level: Loop) => Segment): Loop {
  const um = segmentOf(event, 'UM');
  const asked = um ? [element(um, 1), element(um, 2), element(um, 3)] : ['HS', 'I'];
  const services = loopsOf(event, '2000F');
  const attached = [event, ...services].some((level) => segmentOf(level, 'PWK') !== undefined);
  const decisions = services.map((service) => decided(deciding, service, attached));
  const whole = services.length === 0 ? decided(deciding, event, attached) : [];
  const name = loopOf(event, '2010EA');
  return {
    id: '2000E',
    segments: [numbered(event), ...traces(event), segment('UM', asked), ...whole],
    loops: [
      ...(name ? [named(event, '2010EA')] : []),
      ...services.map((service, n) => ({
        id: '2000F',
        segments: [
          numbered(service),
          ...traces(service),
          ...(decisions[n] ?? []),
          ...service.segments
            .filter(({ id }) => ['SV1', 'SV2', 'SV3'].includes(id))
            .map((one) => copied(one, one.id)),
        ],
        loops: [],
      })),
    ],
  };
}

/** How long what is certified holds, in days. */
const certifiedFor = 90;

/**
 * HCR and what goes with it. A service that the plan asks no authorization for needs none, one that it asks a document for
 * waits for it, one that it does not cover is refused, and the rest is certified. A member id can force an answer.
 */
function decided({ books, house, member, on, plan }: Deciding, level: Loop, attached: boolean): Segment[] {
  const served = segmentOf(level, 'SV1') ?? segmentOf(level, 'SV2') ?? segmentOf(level, 'SV3');
  const code = served ? component(served, served.id === 'SV2' ? 2 : 1, 2) : '';
  const forced = scenarioOf(member);
  const isCovered = code === '' || plan?.percentOfCharge !== undefined || plan?.fees.has(code) === true;
  if (forced === 'denied' || (forced === undefined && !isCovered)) return [segment('HCR', ['A3', '', '86'])];
  if (forced === 'pended' || (forced === undefined && plan?.documentation.has(code) === true && !attached))
    return [segment('HCR', ['A4', '', '90']), segment('MSG', ['SEND THE DOCUMENTATION OF THE SERVICE'])];
  if (forced === undefined && plan?.authorization.has(code) !== true && code !== '')
    return [segment('HCR', ['NA'])];
  const number = `${house?.id ?? ''}A${String(takeNumber(books, 'trace')).padStart(8, '0')}`;
  const days = `${dayText(on)}-${dayText(addDays(on, certifiedFor))}`;
  return [
    segment('HCR', ['A1', number]),
    segment('DTP', ['102', 'D8', dayText(on)]),
    segment('DTP', ['007', 'RD8', days]),
  ];
}
