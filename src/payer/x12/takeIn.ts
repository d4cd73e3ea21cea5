import { createHash } from 'node:crypto';
import { addDays } from '../../datatypes/date.ts';
import {
  acknowledgementVersion,
  groupAcknowledgement,
  interchangeAcknowledgement,
  isAcknowledgementDue,
} from '../../x12/acknowledge.ts';
import { judging, type GroupJudged, type InterchangeJudged } from '../../x12/judgement.ts';
import { loopOf, segmentOf } from '../../x12/loop.ts';
import type { SetEnd } from '../../x12/part.ts';
import { readBytes } from '../../x12/read.ts';
import { element, type Segment } from '../../x12/segment.ts';
import { answerQuestions } from './answerQuestion.ts';
import type { Books, Ends } from './books.ts';
import { formOf, readClaim837, type Claim837 } from './claim837.ts';
import { decide837 } from './decide837.ts';
import { answerFile, endsOf, type Clock, type Content, type Outgoing } from './envelope.ts';
import type { House } from './house.ts';
import { questionsIn } from './question.ts';
import { rejectionOf } from './screen837.ts';
import { said } from './value.ts';
import { write277ca, type Screened } from './write277ca.ts';
import { write277request, type Asked, type Request } from './write277request.ts';

/** Who takes in, when, and how long it is until what is decided is paid. */
export interface Desk {
  readonly houses: readonly House[];
  readonly clock: Clock;
  readonly daysToPay: number;
}

/** A set of claims that was accepted. */
interface ClaimSet {
  readonly ends: Ends;
  readonly reference: string; // BHT03
  readonly submitter: { readonly name: string; readonly id: string };
  readonly claims: readonly Claim837[];
}

/**
 * Takes a file of interchanges in: each is acknowledged (TA1, 999), each claim of an accepted 837 is accepted or sent back
 * (277CA) and decided; a document that is missing is asked for (277 X213). What an 835 will say of it is booked; `pay`
 * sends it. Questions (270, 276, 278) are answered.
 */
export function takeIn(books: Books, desk: Desk, bytes: Uint8Array): Outgoing[] {
  const { interchanges, sets } = read(bytes);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const answers: Outgoing[] = [];
  const questions = questionsIn(bytes);
  for (const [n, judged] of interchanges.entries()) {
    const ends = endsOf(judged.header, judged.groups[0]?.header);
    const isKnown = isKnownNumber(books, judged.header, hash);
    const answer = acknowledged(isKnown ? asDuplicate(judged) : judged);
    if (answer) answers.push(answerFile(books, ends, desk.clock, answer));
    if (isKnown || judged.status === 'R') continue;
    for (const set of sets.filter((s) => s.of === judged.header)) answers.push(...takeSet(books, desk, set));
    const asked = questions.filter(({ interchange }) => interchange === n);
    answers.push(...answerQuestions(books, desk, asked));
  }
  return answers;
}

/** The number of an interchange is used once between two ends. The same file again is not for here: it is answered as before. */
function isKnownNumber(books: Books, isa: Segment, hash: string): boolean {
  const key = [5, 6, 7, 8, 13].map((n) => element(isa, n).trim()).join('|');
  const known = books.received[key] !== undefined;
  if (!known) books.received[key] = hash;
  return known;
}

const asDuplicate = (judged: InterchangeJudged): InterchangeJudged => ({
  ...judged,
  ...{ status: 'R', groups: [] },
  faults: [
    {
      ...{ level: 'interchange', code: '025', segmentId: 'ISA', position: 1, refuses: true },
      sentence: 'The control number of the interchange was used before.',
    },
  ],
});

/** TA1 where it is due, and a 999 for each group; undefined where nothing is to be said. */
function acknowledged(judged: InterchangeJudged): Content | undefined {
  const ta1 = isAcknowledgementDue(judged) ? [interchangeAcknowledgement(judged)] : [];
  const groups = judged.status === 'R' ? [] : judged.groups.filter(isOfClaims);
  if (ta1.length + groups.length === 0) return undefined;
  return {
    kind: groups.length > 0 ? '999' : 'TA1',
    acknowledgements: ta1,
    groups:
      groups.length === 0
        ? []
        : [
            {
              ...{ functionalGroup: 'FA', version: acknowledgementVersion },
              sets: groups.map((group) => ({
                ...{ set: '999', convention: acknowledgementVersion },
                content: groupAcknowledgement(group),
              })),
            },
          ],
  };
}

/** Acknowledgements are not acknowledged. */
const isOfClaims = ({ header }: GroupJudged): boolean => element(header, 1) !== 'FA';

interface SetRead extends ClaimSet {
  readonly of: Segment; // the ISA
}

function read(bytes: Uint8Array): { interchanges: readonly InterchangeJudged[]; sets: readonly SetRead[] } {
  const judged = judging();
  const sets: SetRead[] = [];
  let isa: Segment | undefined;
  let claims: Claim837[] = [];
  for (const part of readBytes(bytes)) {
    judged.take(part);
    if (part.kind === 'interchange') isa = part.header;
    else if (part.kind === 'set') claims = [];
    else if (part.kind === 'unit' && part.guide.set === '837')
      claims.push(readClaim837(part.loop, part.above, formOf(part.guide.id)));
    else if (part.kind === 'setEnd' && part.guide?.set === '837' && part.status !== 'R' && isa)
      sets.push({ of: isa, ends: endsOf(isa, part.group), ...headOf(part), claims });
  }
  return { interchanges: judged.file.interchanges, sets };
}

function headOf({ set }: SetEnd): Pick<ClaimSet, 'reference' | 'submitter'> {
  const bht = segmentOf(set, 'BHT');
  const submitter = loopOf(set, '1000A');
  return {
    reference: bht ? element(bht, 3) : '',
    submitter: { name: said(submitter, 'NM1', 3), id: said(submitter, 'NM1', 9) },
  };
}

/** Screens and decides the claims of a set, and acknowledges them, each payer its own. */
function takeSet(books: Books, desk: Desk, set: ClaimSet): Outgoing[] {
  const { houses, clock } = desk;
  const answeredOn = addDays(clock.on, desk.daysToPay);
  const byPayer = [...Map.groupBy(set.claims, (c) => c.payerId)];
  return byPayer.flatMap(([payerId, claims]) => {
    const house = houses.find((h) => h.id === payerId);
    const asked: Asked[] = [];
    const screened = claims.map((claim): Screened => {
      const rejection = rejectionOf(claim, { isKnownPayer: house !== undefined, on: clock.on });
      if (rejection || !house) return { claim, ...(rejection ? { rejection } : {}) };
      const taken = { house, claim, ends: set.ends, receivedOn: clock.on, answeredOn };
      const { icn, asks } = decide837(books, taken);
      if (asks) asked.push({ claim, icn, lines: asks });
      return { claim, icn };
    });
    const source = { name: house?.name ?? 'CLEARINGHOUSE', id: payerId || 'UNKNOWN' };
    const of = { source, submitter: set.submitter, ...clock };
    const number = `${books.numbers.interchange + 1}`;
    const acknowledged = answerFile(books, set.ends, clock, {
      kind: '277CA',
      groups: [
        {
          ...{ functionalGroup: 'HN', version: '005010X214' },
          sets: [
            {
              ...{ set: '277', convention: '005010X214' },
              content: write277ca({
                ...{ ...of, reference: set.reference, number, claims: screened },
              }),
            },
          ],
        },
      ],
    });
    return asked.length === 0 ? [acknowledged] : [acknowledged, requested(books, set.ends, of, asked)];
  });
}

/** The documents that claims wait for are asked for. */
function requested(
  books: Books,
  ends: Ends,
  { on, time, ...of }: Pick<Request, 'source' | 'submitter' | 'on' | 'time'>,
  claims: readonly Asked[],
): Outgoing {
  const number = `${books.numbers.interchange + 1}`;
  const content = write277request({ ...of, on, time, number, claims });
  return answerFile(
    books,
    ends,
    { on, time },
    {
      kind: '277',
      groups: [
        {
          ...{ functionalGroup: 'HN', version: '005010X213' },
          sets: [{ set: '277', convention: '005010X213', content }],
        },
      ],
    },
  );
}
