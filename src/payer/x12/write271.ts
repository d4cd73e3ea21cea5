import { isNpi } from '../../datatypes/identifier.ts';
import { copied } from '../../x12/copied.ts';
import { loopOf, loopsOf, segmentOf, type Loop } from '../../x12/loop.ts';
import { component, element, segment, type Segment } from '../../x12/segment.ts';
import { eligibilityFacts, type BenefitFact } from '../eligibility.ts';
import { enrolledPlan } from '../enrollment.ts';
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
  return { id, segments: [copied(nm1, 'NM1'), ...refused(code)], loops: [] };
}

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
  const facts =
    enrollment &&
    eligibilityFacts(
      { plan: planOf(house, enrolledPlan(enrollment)), enrollment, coverage: undefined },
      { day, services: questionsOf(person) },
    );
  const code = number === '' ? '72' : facts === undefined ? '75' : 'refused' in facts ? facts.refused : '';
  const benefits = facts && 'facts' in facts ? facts.facts : [];
  const told = (id: string, name: Loop | undefined, isAsked: boolean): Loop => ({
    id,
    segments: [
      copied(name && segmentOf(name, 'NM1'), 'NM1'),
      ...(isAsked ? refused(code) : []),
      ...(name?.segments ?? []).filter((one) => one.id === 'DMG').map((dmg) => copied(dmg, 'DMG')),
      ...(name?.segments ?? []).filter((one) => one.id === 'INS').map((ins) => copied(ins, 'INS')),
    ],
    loops: isAsked ? benefits.map((fact) => benefitLoop(id.replace('2100', '2110'), fact)) : [],
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

/** EB of a fact; who else pays is named in loop 2120. */
function benefitLoop(id: string, fact: BenefitFact): Loop {
  const { code, serviceType, plan = '', period = '', amount, share, service, otherPayer } = fact;
  const needed = fact.needsAuthorization === undefined ? '' : fact.needsAuthorization ? 'Y' : 'N';
  const isMoney = amount !== undefined || share !== undefined;
  const eb = segment('EB', [
    ...[code, isMoney ? 'IND' : '', serviceType, '', plan, period],
    amount === undefined ? '' : amountText(amount),
    share === undefined ? '' : shareText(share),
    ...['', '', needed, '', service ?? ''],
  ]);
  const { name = '', payerId = '' } = otherPayer ?? {};
  const named = segment('NM1', ['PRP', '2', name, '', '', '', '', 'PI', payerId]);
  return {
    id,
    segments: otherPayer ? [eb, segment('LS', ['2120']), segment('LE', ['2120'])] : [eb],
    loops: otherPayer ? [{ id: id.replace('2110', '2120'), segments: [named], loops: [] }] : [],
  };
}

/** Basis points as a share of one: 2000 is .2, written 0.2. */
function shareText(basisPoints: number): string {
  const digits = String(basisPoints).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, '');
}
