import type {
  CodeableConcept,
  CoverageEligibilityResponse,
  CoverageEligibilityResponseInsuranceItem,
} from '@medplum/fhirtypes';
import { centsOf, percentOf } from '../../datatypes/cents.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';
import { answerSet } from '../../x12/answerSet.ts';
import { copied } from '../../x12/copied.ts';
import { loopOf, loopsOf, segmentOf, type Loop, type Placed } from '../../x12/loop.ts';
import { element, segment, type Segment } from '../../x12/segment.ts';
import { amountText, decimalText, dtp, text } from '../../x12/value.ts';
import { benefitTypes, networks, serviceQualifier, terms, units } from './codes.ts';

/** A level of a 270 (2000C) with what is answered to each of its requests, in the order in which they are read. */
export interface ToAnswer {
  readonly asked: Placed;
  readonly answers: readonly CoverageEligibilityResponse[];
}

/** The set of a 271 that answers a level of a 270: its names and traces as they came, and what is said of each person. */
export function answerSet271(
  { asked, answers }: ToAnswer,
  at: { readonly on: string; readonly time: string },
): Loop {
  const { loop } = asked;
  const dependents = loopsOf(loop, '2000D');
  const [first] = answers;
  const member: Loop = {
    id: '2000C',
    segments: [
      segment('HL', ['3', '2', '22', dependents.length > 0 ? '1' : '0']),
      ...(dependents.length === 0 ? traces(loop) : []),
    ],
    loops: [
      personLoop(loopOf(loop, '2100C'), '2100C', dependents.length === 0 ? first : undefined),
      ...dependents.map((dependent, n): Loop => ({
        id: '2000D',
        segments: [segment('HL', [String(n + 4), '3', '23', '0']), ...traces(dependent, loop)],
        loops: [personLoop(loopOf(dependent, '2100D'), '2100D', answers[n])],
      })),
    ],
  };
  return answerSet(asked, { structure: '0022', names: ['2100A', '2100B'], ...at }, member);
}

/** TRN of the question, given back; that of the subscriber where the dependent has none. */
function traces(...levels: readonly Loop[]): Segment[] {
  const own = levels
    .map((level) => level.segments.filter(({ id }) => id === 'TRN'))
    .find((found) => found.length > 0);
  return (own ?? []).map((trn) => segment('TRN', ['2', element(trn, 2), element(trn, 3)]));
}

/** A person as the question names him, with what is answered of him; without an answer the name alone. */
function personLoop(
  name: Loop | undefined,
  id: '2100C' | '2100D',
  answer: CoverageEligibilityResponse | undefined,
): Loop {
  const again = (wanted: string): Segment[] =>
    (name?.segments ?? []).filter((one) => one.id === wanted).map((one) => copied(one, wanted));
  const [insurance] = answer?.insurance ?? [];
  const { start, end } = insurance?.benefitPeriod ?? {};
  const isRefused = (answer?.error ?? []).length > 0;
  return {
    id,
    segments: [
      copied(name && segmentOf(name, 'NM1'), 'NM1'),
      ...(answer?.error ?? []).map(refusal),
      ...again('DMG'),
      ...again('INS'),
      ...dtp('346', start),
      ...dtp('347', end),
    ],
    loops:
      answer && !(isRefused && !insurance) ? benefitLoops(answer, id === '2100C' ? '2110C' : '2110D') : [],
  };
}

/** AAA: why nothing, or not all, is said; correct it and ask again, where the answer names nothing else to do. */
function refusal({ code }: { readonly code: CodeableConcept }): Segment {
  const reason = codeOf(code, system.x12RejectReason) ?? '42';
  return segment('AAA', ['N', '', reason, codeOf(code, system.x12FollowUp) ?? 'C']);
}

/** EB01 of the plan as a whole: active, inactive. */
const isOfPlan = /^[1-8]$/;

function benefitLoops({ insurance = [] }: CoverageEligibilityResponse, id: string): Loop[] {
  const [covered] = insurance;
  const items = covered?.item ?? [];
  const isSaid = items.some((item) => isOfPlan.test(benefitCode(item)));
  const plan: CoverageEligibilityResponseInsuranceItem[] =
    covered?.inforce === undefined || isSaid
      ? []
      : [
          {
            category: { coding: [{ system: system.x12ServiceType, code: '30' }] },
            benefit: [
              { type: { coding: [{ system: system.x12Eligibility, code: covered.inforce ? '1' : '6' }] } },
            ],
          },
        ];
  return [...plan, ...items].map((item) => benefitLoop(item, id));
}

const codeFrom = (names: Readonly<Record<string, string>>, name: string | undefined): string | undefined =>
  Object.entries(names).find(([, value]) => value === name)?.[0];

/** X12's own code of a concept, else the one that FHIR's code stands for. */
const eitherCode = (
  said: CodeableConcept | undefined,
  [x12, hl7]: readonly [string, string],
  names: Readonly<Record<string, string>>,
): string => codeOf(said, x12) ?? codeFrom(names, codeOf(said, hl7)) ?? '';

/** EB01; what an item does not say of its kind is described only (D), and what the plan leaves out is I. */
const benefitCode = ({ benefit, excluded }: CoverageEligibilityResponseInsuranceItem): string =>
  eitherCode(benefit?.[0]?.type, [system.x12Eligibility, system.benefitType], benefitTypes) ||
  (excluded === true ? 'I' : 'D');

const coinsurance = 'A';

/** EB with the messages and segments that belong to it, and who else pays in loop 2120. */
function benefitLoop(item: CoverageEligibilityResponseInsuranceItem, id: string): Loop {
  const raw = extensionsOf(item, extension.x12Segment).map(({ valueString = '' }) => valueString);
  const kept = raw.filter((line) => /^[A-Z][A-Z0-9]{1,2}\*/.test(line)).map(segmentOfText);
  const own = kept.find((one) => one.id === 'EB');
  const others = kept.filter((one) => one.id !== 'EB' && one.id !== 'LS' && one.id !== 'LE');
  const related = others.filter((one) => relatedIds.includes(one.id));
  const inside = related.length > 0 ? related : otherPayer(item);
  const counted = countOf(item);
  const messages = [
    ...(counted === undefined ? [] : [counted]),
    ...(item.description ? [item.description] : []),
  ];
  return {
    id,
    segments: [
      own ?? benefitSegment(item, raw),
      ...others.filter((one) => !relatedIds.includes(one.id)),
      ...messages.flatMap((message) => pieces(message).map((part) => segment('MSG', [part]))),
      ...(inside.length > 0 ? [segment('LS', ['2120']), segment('LE', ['2120'])] : []),
    ],
    loops: inside.length > 0 ? [{ id: id.replace('2110', '2120'), segments: inside, loops: [] }] : [],
  };
}

/** Segments of loop 2120. */
const relatedIds: readonly string[] = ['NM1', 'N3', 'N4', 'PER', 'PRV'];

const segmentOfText = (line: string): Segment => {
  const [id = '', ...values] = line.split('*');
  return segment(
    id,
    values.map((value) => (value.includes(':') ? value.split(':') : value)),
  );
};

function benefitSegment(item: CoverageEligibilityResponseInsuranceItem, raw: readonly string[]): Segment {
  const code = benefitCode(item);
  const [benefit] = item.benefit ?? [];
  const money = centsOf(benefit?.allowedMoney);
  const share = benefit?.allowedUnsignedInt;
  const isIn = codeOf(item.network, system.benefitNetwork);
  const needed = item.authorizationRequired;
  const service = serviceQualifier(item.productOrService);
  const modifiers = (item.modifier ?? []).flatMap(({ coding }) => coding?.[0]?.code ?? []);
  const unplaced = raw.find((line) => line.startsWith('EB13 '))?.slice('EB13 '.length);
  return segment('EB', [
    code,
    eitherCode(item.unit, [system.x12CoverageLevel, system.benefitUnit], units),
    service ? '' : (codeOf(item.category, system.x12ServiceType) ?? ''),
    '',
    text(item.name, 50),
    eitherCode(item.term, [system.x12TimePeriod, system.benefitTerm], terms),
    money === undefined ? '' : amountText(money),
    // EB08 is a share of one, FHIR's whole percents of a hundred
    code === coinsurance && share !== undefined ? decimalText(percentOf(share)) : '',
    ...['', ''],
    needed === undefined ? '' : needed ? 'Y' : 'N',
    codeFrom(networks, isIn) ?? '',
    service ? [...service, ...modifiers] : (unplaced?.split(':') ?? ''),
  ]);
}

/** A number of something whose unit X12 would have to name: it is said in words. */
function countOf(item: CoverageEligibilityResponseInsuranceItem): string | undefined {
  const [benefit] = item.benefit ?? [];
  if (benefit?.allowedString !== undefined) return benefit.allowedString;
  const count = benefit?.allowedUnsignedInt;
  return count === undefined || benefitCode(item) === coinsurance
    ? undefined
    : `QUANTITY ${count.toString()}`;
}

const orders: Readonly<Record<string, string>> = { primary: 'PRP', secondary: 'SEP', tertiary: 'TTP' };

/** Who else pays, where the answer names him. */
function otherPayer(item: CoverageEligibilityResponseInsuranceItem): Segment[] {
  const said = extensionOf(item, extension.otherPayer);
  if (!said) return [];
  const value = (url: string) => extensionOf(said, url);
  const order = orders[value('order')?.valueCode ?? ''] ?? 'PR';
  const number = value('payerId')?.valueString ?? '';
  const name = text(value('name')?.valueString, 60);
  return [segment('NM1', [order, '2', name, '', '', '', '', number === '' ? '' : 'PI', number])];
}

const longestMessage = 264;

/** Words in pieces of the length that MSG01 takes. */
const pieces = (words: string): string[] => {
  const plain = text(words, 10 * longestMessage);
  return plain === '' ? [] : (plain.match(new RegExp(`.{1,${longestMessage.toString()}}`, 'g')) ?? []);
};
