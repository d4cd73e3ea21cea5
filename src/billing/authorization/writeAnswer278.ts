import type { ClaimResponse, ClaimResponseItem, ClaimResponseItemAdjudication } from '@medplum/fhirtypes';
import { codeOf } from '../../datatypes/coding.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { pasExtension } from '../../terminology/pas.ts';
import { extension, system } from '../../terminology/system.ts';
import { answerSet, nameAgain } from '../../x12/answerSet.ts';
import { copied } from '../../x12/copied.ts';
import { loopOf, loopsOf, segmentOf, type Loop, type Placed } from '../../x12/loop.ts';
import { element, segment, type Segment } from '../../x12/segment.ts';
import { decimalText, dtp, text } from '../../x12/value.ts';

/** What is answered to one event: the decision, or why there is none (AAA03). */
export type Said = ClaimResponse | { readonly refused: string };

/** A level of a 278 request (2000C) with what is answered to each of its events, in the order in which they are read. */
export interface ToAnswer {
  readonly asked: Placed;
  readonly answers: readonly Said[];
}

/** The set of a 278 that answers a level of a request: names, levels and traces as they came, and what was decided. */
export function answerSet278(
  { asked, answers }: ToAnswer,
  at: { readonly on: string; readonly time: string },
): Loop {
  const as = { structure: '0007', type: '18', names: ['2010A', '2010B'], ...at } as const;
  return answerSet(asked, as, memberLevel(asked.loop, [...answers]));
}

/** A name as it was asked, with DMG and INS, and why nothing is decided on the person. */
function named(level: Loop | undefined, id: string, refusals: readonly Segment[] = []): Loop {
  const name = nameAgain(level, id);
  const again = ((level && loopOf(level, id))?.segments ?? []).filter(
    ({ id: of }) => of === 'DMG' || of === 'INS',
  );
  return { ...name, segments: [...name.segments, ...refusals, ...again.map((one) => copied(one, one.id))] };
}

/** Reasons that are about the person: the numbers, names and dates by which they were looked for. */
const ofPerson = /^(?:5[89]|6[4-9]|7[1-8]|95)$/;

const hl = (level: Loop): Segment => copied(segmentOf(level, 'HL'), 'HL');

/** Levels from the member down, with the numbers that they had in the request. `answers` are taken in their order. */
function memberLevel(asked: Loop, answers: Said[]): Loop {
  const personOf = (person: Loop, nameId: string): Loop[] => {
    const events = loopsOf(person, '2000E').map((event) => [event, answers.shift()] as const);
    const refusals = events.flatMap(([, said]) => refusalsOf(said, true));
    return [
      named(person, nameId, refusals.slice(0, 1)),
      ...(refusals.length > 0 ? [] : events.map(([event, said]) => eventLevel(event, said))),
    ];
  };
  const dependents = loopsOf(asked, '2000D');
  return {
    id: '2000C',
    segments: [hl(asked)],
    loops:
      dependents.length === 0
        ? personOf(asked, '2010C')
        : [
            named(asked, '2010C'),
            ...dependents.map((one): Loop => ({
              id: '2000D',
              segments: [hl(one)],
              loops: personOf(one, '2010D'),
            })),
          ],
  };
}

/** AAA of an answer: of the person, or of the event. */
function refusalsOf(said: Said | undefined, isOfPerson: boolean): Segment[] {
  if (!said) return [];
  const codes =
    'refused' in said
      ? [{ code: said.refused, followUp: 'C' }]
      : (said.error ?? []).map((error) => ({
          code: codeOf(error.code, system.x12RejectReason) ?? '33',
          followUp:
            codeOf(extensionOf(error, pasExtension.followUp)?.valueCodeableConcept, system.x12FollowUp) ??
            'C',
        }));
  return codes
    .filter(({ code }) => ofPerson.test(code) === isOfPerson)
    .map(({ code, followUp }) => segment('AAA', ['N', '', code, followUp]));
}

/** TRN of the request, given back. */
const traces = (level: Loop): Segment[] =>
  level.segments
    .filter(({ id }) => id === 'TRN')
    .map((trn) => segment('TRN', ['2', element(trn, 2), element(trn, 3)]));

function eventLevel(event: Loop, said: Said | undefined): Loop {
  const um = segmentOf(event, 'UM');
  const answer = said && !('refused' in said) ? said : undefined;
  const { start, end } = answer?.preAuthPeriod ?? {};
  const whole = hcr(answer?.adjudication);
  const isWhole = whole.length > 0 || (answer?.item ?? []).length === 0;
  return {
    id: '2000E',
    segments: [
      hl(event),
      ...traces(event),
      ...refusalsOf(said, false),
      segment('UM', um ? [element(um, 1), element(um, 2), element(um, 3)] : ['HS', 'I']),
      ...(whole.length > 0 || !isWhole ? whole : undecided(answer)),
      ...(isWhole ? dtp('007', start, end) : []),
      ...keptOf(answer?.extension),
      ...(answer?.processNote ?? []).slice(0, 1).map(() => segment('MSG', [messageOf(answer)])),
    ],
    loops: [
      ...(loopOf(event, '2010EA') ? [named(event, '2010EA')] : []),
      ...loopsOf(event, '2000F').map((service, n) =>
        serviceLevel(
          service,
          answer?.item?.find(({ itemSequence }) => itemSequence === n + 1),
        ),
      ),
    ],
  };
}

/** HCR of an answer that reviews nothing: a number alone certifies, and what is queued is pended. */
function undecided(answer: ClaimResponse | undefined): Segment[] {
  if (answer?.outcome === 'queued') return [segment('HCR', ['A4'])];
  const number = answer?.preAuthRef ?? '';
  return number === '' ? [] : [segment('HCR', ['A1', text(number, 50)])];
}

/** MSG is said once of an event: its notes in one. */
const messageOf = (answer: ClaimResponse | undefined): string =>
  text((answer?.processNote ?? []).map((note) => note.text).join('; '), 264);

/** A service as it was asked, with what was decided on it and the units that were authorized. */
function serviceLevel(service: Loop, item: ClaimResponseItem | undefined): Loop {
  const value = (url: string) => extensionOf(item, url);
  const issued = value(pasExtension.issueDate)?.valueDate;
  const { start, end } = value(pasExtension.period)?.valuePeriod ?? {};
  const reference = (qualifier: string, url: string): Segment[] => {
    const number = value(url)?.valueString;
    return number === undefined ? [] : [segment('REF', [qualifier, text(number, 50)])];
  };
  const detail = value(pasExtension.authorizedDetail);
  const units = extensionOf(detail, 'quantity')?.valueQuantity?.value;
  return {
    id: '2000F',
    segments: [
      hl(service),
      ...traces(service),
      ...hcr(item?.adjudication),
      ...reference('BB', pasExtension.previousAuthorization),
      ...reference('NT', pasExtension.administrationReference),
      ...dtp('102', issued),
      ...dtp('007', start, end),
      ...service.segments.filter(({ id }) => unitsAt[id] !== undefined).map((one) => served(one, units)),
      ...keptOf(item?.extension),
    ],
    loops: [],
  };
}

/** Which element holds the units of a service. */
const unitsAt: Readonly<Record<string, number>> = { SV1: 4, SV2: 5, SV3: 6 };

/** The service as it was asked, with the units that were authorized. */
function served(asked: Segment, units: number | undefined): Segment {
  const again = copied(asked, asked.id);
  const at = unitsAt[asked.id] ?? 0;
  if (units === undefined || element(again, at) === '') return again;
  return { ...again, elements: again.elements.with(at - 1, decimalText(units)) };
}

/** HCR of an adjudication that carries a review. */
function hcr(adjudication: readonly ClaimResponseItemAdjudication[] = []): Segment[] {
  const review = adjudication
    .map((one) => extensionOf(one, pasExtension.reviewAction))
    .find((found) => found !== undefined);
  const action = codeOf(
    extensionOf(review, pasExtension.reviewActionCode)?.valueCodeableConcept,
    system.x12Action,
  );
  if (action === undefined) return [];
  const reason = codeOf(extensionOf(review, 'reasonCode')?.valueCodeableConcept, system.x12DecisionReason);
  const opinion = extensionOf(review, 'secondSurgicalOpinionFlag')?.valueBoolean;
  return [
    segment('HCR', [
      action,
      text(extensionOf(review, 'number')?.valueString, 50),
      reason ?? '',
      opinion === undefined ? '' : opinion ? 'Y' : 'N',
    ]),
  ];
}

/** Segments that an answer keeps as they came. */
const keptOf = (extensions: ClaimResponse['extension']): Segment[] =>
  extensionsOf({ extension: extensions ?? [] }, extension.x12Segment).flatMap(({ valueString = '' }) => {
    const [id = '', ...values] = valueString.split('*');
    const plain = values.map((value) => (value.includes(':') ? value.split(':') : value));
    return id === '' ? [] : [segment(id, plain)];
  });
