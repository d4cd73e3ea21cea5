import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { sum, zero, type Cents } from '../../../src/datatypes/cents.ts';
import { has } from '../../../src/datatypes/coding.ts';
import { addDays } from '../../../src/datatypes/date.ts';
import { system } from '../../../src/terminology/system.ts';
import { day, extended, money, nameOf, plain, type Read } from './records.ts';
import type { Flow, Open } from './recount.ts';

const sequenceOf = ({ insurance }: Claim): number => insurance.find((i) => i.focal)?.sequence ?? 1;
const isComplete = ({ outcome }: ClaimResponse): boolean => outcome === 'complete';

interface Said {
  readonly group: string;
  readonly reason: string;
  readonly amount: Cents;
}

export const saidIn = ({ item = [] }: ClaimResponse): Said[] =>
  item.flatMap(({ adjudication }) =>
    adjudication.flatMap(({ category, reason, amount }) => {
      const group = category.coding?.find((c) => c.system === system.adjustmentGroup)?.code;
      return group === undefined
        ? []
        : [{ group, reason: reason?.coding?.[0]?.code ?? '', amount: money(amount?.value) }];
    }),
  );

export const total = (said: readonly Said[], of: (s: Said) => boolean): Cents =>
  sum(said.filter(of).map(({ amount }) => amount));
const isContractual = ({ group, reason }: Said): boolean => group === 'CO' && reason === '45';
export const isDenied = ({ group, reason }: Said): boolean => group === 'CO' && reason !== '45';
/** No resource keeps the day on which a denial was given up: this is what the year's office does. */
const givenUpAfter_days = 15;
export const isShare = ({ group }: Said): boolean => group === 'PR';

/** A last word on a claim that counts: not taken back, and no taking back itself. */
export function stands({ claims }: Read, answer: ClaimResponse): boolean {
  const claim = claims.find((c) => nameOf(c) === plain(answer.request?.reference));
  return (
    isComplete(answer) &&
    answer.status === 'active' &&
    !extended(answer, 'answer-kind') &&
    claim?.status === 'active'
  );
}

/** Every answer with what it did: one that was taken back and its reversal, which says the same with signs turned. */
export function answersOf(read: Read): { flows: Flow[]; open: Open[] }[] {
  return read.answers.filter(isComplete).map((answer) => {
    const said = saidIn(answer);
    const of = { patient: plain(answer.patient.reference), payer: plain(answer.insurer.reference) };
    const on = day(answer.created);
    const isStanding = stands(read, answer);
    const denied = isStanding ? total(said, isDenied) : zero;
    const task = read.tasks.filter(
      (t) =>
        has(t.code, system.task, 'denial') && plain(t.focus?.reference) === plain(answer.request?.reference),
    );
    const isOpen = task.some(({ status }) => status === 'requested');
    const givenUp = denied > 0 && !isOpen ? [addDays(on, givenUpAfter_days)] : [];
    const qmb = isStanding && isLast(read, answer) && isQmb(read, of.patient) ? total(said, isShare) : zero;
    return {
      flows: [
        { ...of, kind: 'contractual' as const, on, amount: total(said, isContractual) },
        ...givenUp.map((when) => ({ ...of, kind: 'denial-write-off' as const, on: when, amount: denied })),
        { ...of, kind: 'qmb' as const, on, amount: qmb },
      ],
      open: isOpen ? [{ ...of, where: 'denied' as const, amount: denied }] : [],
    };
  });
}

export const isQmb = ({ patients }: Read, patient: string): boolean =>
  patients.some((p) => nameOf(p) === patient && extended(p, 'qmb'));

/** No claim to a further payer stands on it. */
export const isLast = ({ claims }: Read, answer: ClaimResponse): boolean =>
  !claims.some(
    (c) =>
      c.status !== 'cancelled' &&
      c.insurance.some((i) => !i.focal && plain(i.claimResponse?.reference) === nameOf(answer)),
  );

/** Claims that wait: for a payer's answer, for a document, or to be sent to the payer after the first. */
export function waiting({ claims, answers }: Read): Open[] {
  return claims.flatMap((claim): Open[] => {
    const answer = answers.find(
      (a) => plain(a.request?.reference) === nameOf(claim) && a.status === 'active',
    );
    const isNext = sequenceOf(claim) > 1;
    if (claim.status === 'cancelled' || (claim.status === 'draft' && !isNext)) return [];
    if (answer && isComplete(answer)) return [];
    const prior = answers.find((a) =>
      claim.insurance.some((i) => !i.focal && plain(i.claimResponse?.reference) === nameOf(a)),
    );
    const amount = isNext && prior ? total(saidIn(prior), isShare) : money(claim.total?.value);
    const isAsked = (answer?.processNote ?? []).some(({ type }) => type === 'print');
    return [
      {
        where: isAsked ? 'pended' : 'open',
        patient: plain(claim.patient.reference),
        payer: plain(claim.insurer?.reference),
        amount,
      },
    ];
  });
}
