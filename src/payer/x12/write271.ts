import { most, subtract, type Cents } from '../../datatypes/cents.ts';
import { contains } from '../../datatypes/date.ts';
import { isNpi } from '../../datatypes/identifier.ts';
import { loopOf, loopsOf, segmentOf, type Loop } from '../../x12/loop.ts';
import { component, element, segment, type Segment, type Value } from '../../x12/segment.ts';
import { enrolledPeriod, enrolledPlan, usedOf } from '../enrollment.ts';
import type { Plan } from '../plan.ts';
import { keyOf, type Books } from './books.ts';
import { planOf, type House } from './house.ts';
import type { Asked, Question } from './question.ts';
import { amountText, dayText, daysOf, said, saidIn } from './value.ts';
import type { StatusDesk } from './write277.ts';

/** The set of a 271 (005010X279A1) for one member that a 270 asks after, or why nothing is said of him. */
export function write271(books: Books, desk: StatusDesk, { question, asked }: OneAsked): Loop {
  const { on, time } = desk.clock;
  const bht = segmentOf(question.head, 'BHT');
  const level = (id: string): Loop | undefined => asked.above.find((loop) => loop.id === id);
  const [source, receiver] = [level('2000A'), level('2000B')];
  const house = desk.houses.find(({ id }) => id === saidIn(source, '2100A', ['NM1', 9]));
  const npi = saidIn(receiver, '2100B', ['NM1', 9]);
  const refusal = house === undefined ? 'payer' : isNpi(npi) ? undefined : 'provider';
  const members = refusal === undefined ? [memberLevel(books, { house, on }, asked.loop)] : [];
  const provider: Loop = {
    id: '2000B',
    segments: [segment('HL', ['2', '1', '21', members.length > 0 ? '1' : '0'])],
    loops: [named(receiver, '2100B', refusal === 'provider' ? '43' : ''), ...members],
  };
  return {
    id: 'ST',
    segments: [segment('BHT', ['0022', '11', bht ? element(bht, 3) : '', dayText(on), time])],
    loops: [
      {
        id: '2000A',
        segments: [segment('HL', ['1', '', '20', refusal === 'payer' ? '0' : '1'])],
        loops: [
          named(source, '2100A', refusal === 'payer' ? '79' : ''),
          ...(refusal === 'payer' ? [] : [provider]),
        ],
      },
    ],
  };
}

interface OneAsked {
  readonly question: Question;
  readonly asked: Asked;
}

/** AAA: the request is not valid for this reason; correct it and ask again. */
const refused = (code: string): Segment[] => (code === '' ? [] : [segment('AAA', ['N', '', code, 'C'])]);

/** A name as it was asked, with the reason why nothing is said. */
function named(level: Loop | undefined, id: string, code: string): Loop {
  const nm1 = level && loopOf(level, id)?.segments.find((one) => one.id === 'NM1');
  return { id, segments: [segment('NM1', values(nm1)), ...refused(code)], loops: [] };
}

const values = (from: Segment | undefined): readonly Value[] => from?.elements ?? [];

interface Answering {
  readonly house: House | undefined;
  readonly on: string;
}

/** Loop 2000C, or with 2000D where a dependent is asked after: the benefits are those of the member's plan. */
function memberLevel(books: Books, { house, on }: Answering, asked: Loop): Loop {
  const member = loopOf(asked, '2100C');
  const number = said(member, 'NM1', 9);
  const dependent = loopsOf(asked, '2000D')[0];
  const person = dependent ? loopOf(dependent, '2100D') : member;
  const enrollment = house && books.members[keyOf(house.id, number)];
  const [day = on] = daysOf(person && segmentOf(person, 'DTP', '291')) ?? [];
  const traces = (level: Loop | undefined): Segment[] =>
    (level?.segments ?? [])
      .filter(({ id }) => id === 'TRN')
      .map((trn) => segment('TRN', ['2', element(trn, 2), element(trn, 3)]));
  const code = number === '' ? '72' : enrollment ? '' : '75';
  const benefits = enrollment
    ? benefitsOf({ plan: planOf(house, enrolledPlan(enrollment)), enrollment, day }, questionsOf(person))
    : [];
  const told = (id: string, name: Loop | undefined, isAsked: boolean): Loop => ({
    id,
    segments: [
      segment('NM1', values(name && segmentOf(name, 'NM1'))),
      ...(isAsked ? refused(code) : []),
      ...(name?.segments ?? []).filter((one) => one.id === 'DMG').map((dmg) => segment('DMG', values(dmg))),
      ...(name?.segments ?? []).filter((one) => one.id === 'INS').map((ins) => segment('INS', values(ins))),
    ],
    loops: isAsked
      ? benefits.map((eb) => ({ id: id.replace('2100', '2110'), segments: [eb], loops: [] }))
      : [],
  });
  return {
    id: '2000C',
    segments: [
      segment('HL', ['3', '2', '22', dependent ? '1' : '0']),
      ...traces(dependent ? undefined : asked),
    ],
    loops: [
      told('2100C', member, !dependent),
      ...(dependent
        ? [
            {
              id: '2000D',
              segments: [segment('HL', ['4', '3', '23', '0']), ...traces(dependent)],
              loops: [told('2100D', person, true)],
            },
          ]
        : []),
    ],
  };
}

/** The services that are asked after by their codes. */
const questionsOf = (person: Loop | undefined): readonly (readonly string[])[] =>
  (person?.loops ?? []).flatMap((loop) => {
    const eq = segmentOf(loop, 'EQ');
    const parts = eq ? [1, 2, 3, 4, 5, 6].map((m) => component(eq, 2, m)).filter((part) => part !== '') : [];
    return parts.length > 1 ? [parts] : [];
  });

interface Held {
  readonly plan: Plan;
  readonly enrollment: Books['members'][string];
  readonly day: string;
}

/** EB: whether the plan is active on the day, and what its member bears. */
function benefitsOf({ plan, enrollment, day }: Held, asked: readonly (readonly string[])[]): Segment[] {
  const period = enrolledPeriod(enrollment, undefined);
  if (period !== undefined && !contains(period, day))
    return [segment('EB', ['6', '', '30', '', plan.id.slice(0, 50)])];
  const used = usedOf(enrollment, day);
  const left = (whole: Cents, taken: Cents): string =>
    amountText(most(subtract(whole, taken), subtract(whole, whole)));
  const money = (code: string, period06: string, amount: string, type = '30'): Segment =>
    segment('EB', [code, 'IND', type, '', '', period06, amount]);
  return [
    segment('EB', ['1', '', '30', '', plan.id.slice(0, 50)]),
    money('C', '23', amountText(plan.deductible)),
    money('C', '29', left(plan.deductible, used.deductible)),
    ...(plan.limit === undefined
      ? []
      : [money('G', '23', amountText(plan.limit)), money('G', '29', left(plan.limit, used.limit))]),
    segment('EB', ['A', 'IND', '30', '', '', '27', '', shareText(plan.coinsurance)]),
    ...(plan.visitCopay === 0 ? [] : [money('B', '27', amountText(plan.visitCopay), '98')]),
    ...asked.map((service) => {
      const needed = plan.authorization.has(service[1] ?? '') ? 'Y' : 'N';
      return segment('EB', ['1', '', '', '', '', '', '', '', '', '', needed, '', service]);
    }),
  ];
}

/** Basis points as a share of one: 2000 is .2, written 0.2. */
function shareText(basisPoints: number): string {
  const digits = String(basisPoints).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, '');
}
