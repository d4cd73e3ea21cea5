import type { ClaimResponse } from '@medplum/fhirtypes';
import type { Adjusted } from '../../datatypes/adjudication.ts';
import { sum, toText, type Cents } from '../../datatypes/cents.ts';
import type { Entry, EntryReason, LedgerAccount, Posting } from '../../datatypes/entry.ts';
import type { BookFault } from './bookFaults.ts';
import { handedOn } from './chain.ts';
import { insuranceAccounts as insurance, isAnswerTo, isPlacement, reversedReasons } from './claimMoved.ts';
import { decidedTogether, decides } from './decidedTogether.ts';

const undecided: readonly LedgerAccount[] = ['receivable-insurance-open', 'receivable-insurance-pended'];
const patients: readonly LedgerAccount[] = ['receivable-patient-not-invoiced', 'receivable-patient-invoiced'];

/** What may raise what patients owe: their share, their own charges, and what gives back what was taken off. */
const raises: readonly EntryReason[] = [
  ...(['patient-share', 'self-pay-invoiced', 'payment-reversed', 'credit-released'] as const),
  ...(['invoice-cancelled', 'write-off-reversed', 'qmb-cost-share-reversed'] as const),
  ...(['opening-balance', 'transferred-to-patient'] as const),
];
/** What brings back money that was refunded and then returned: it is of no charge and no claim. */
const returns: readonly EntryReason[] = ['payment-reversed', 'credit-released', 'write-off-reversed'];

const total = (journal: readonly Entry[], fits: (p: Posting, e: Entry) => boolean): number =>
  journal.flatMap((e) => e.postings.filter((p) => fits(p, e))).reduce((t, p) => t + p.amount, 0);
const textOf = (amount: number): string => toText(sum([amount as Cents]));

/** What is wrong with what stands on claims (d) and with what reached their patients (h); `answers` are all there are, by claim. */
export function claimFaults(
  account: string,
  journal: readonly Entry[],
  answers: ReadonlyMap<string, readonly ClaimResponse[]>,
): BookFault[] {
  const deciding = (claim: string): ClaimResponse[] => (answers.get(claim) ?? []).filter(decides);
  const claims = new Set(
    journal.flatMap((e) => e.postings.flatMap((p) => (insurance.includes(p.account) ? (p.claim ?? []) : []))),
  );
  const followed = new Set(
    handedOn(journal).flatMap((e) => e.postings.flatMap((p) => (p.amount < 0 ? (p.claim ?? []) : []))),
  );
  return [
    ...[...claims].flatMap((claim) => standingFaults(journal, claim, deciding(claim))),
    ...[...claims].flatMap((claim) =>
      shareFaults(journal, claim, { isLast: !followed.has(claim), deciding: deciding(claim) }),
    ),
    ...sourceFaults(account, journal),
  ];
}

/**
 * (d) Insurance receivable of a claim = what was placed on it − what was posted; what is denied stays in it. Nothing of
 * what an answer decided on is undecided; what was placed or taken off after it is.
 */
function standingFaults(
  journal: readonly Entry[],
  claim: string,
  deciding: readonly ClaimResponse[],
): BookFault[] {
  const isOf = (p: Posting): boolean => p.claim === claim;
  const isComplete = deciding.length > 0;
  const reversed = reversedReasons(journal);
  const takenBack = new Set(journal.map((e) => e.reverses));
  const answered = journal.findLastIndex((e) => !takenBack.has(e.id) && isAnswerTo(e, claim));
  const open = isComplete ? journal.slice(answered + 1) : journal;
  const due = total(open, (p, e) => isOf(p) && (isPlacement(e, p, reversed(e)) || isGivenUp(e, p)));
  const waiting = total(journal, (p) => isOf(p) && undecided.includes(p.account));
  const all = total(journal, (p) => isOf(p) && insurance.includes(p.account));
  const waits = isComplete ? waitsOf(deciding) : 0;
  const faults: BookFault[] = [];
  if (waiting < due || waiting > due + waits) {
    const what = `${claim}: what stands with the payer, undecided,`;
    faults.push({ invariant: 'd', text: `${what} is ${textOf(waiting)} and should be ${textOf(due)}` });
  }
  const denied = all - waiting;
  if (denied < 0 || (!isComplete && denied !== 0))
    faults.push({ invariant: 'd', text: `${claim}: ${textOf(denied)} of it is denied` });
  return faults;
}

/** A claim of a former system may be given up before its payer answers. */
const isGivenUp = ({ reason }: Entry, { account }: Posting): boolean =>
  undecided.includes(account) && (reason === 'denial-written-off' || reason === 'denial-write-off-reversed');

const amountOf = (deciding: readonly ClaimResponse[], which: (a: Adjusted) => boolean): number =>
  decidedTogether(deciding)
    .flatMap((l) => l.adjustments.filter(which).map((a) => a.amount))
    .reduce<number>((t, amount) => t + amount, 0);

const shareOf = (deciding: readonly ClaimResponse[]): number => amountOf(deciding, (a) => a.group === 'PR');
/** What a decision leaves undecided: a duplicate, or a line that the payer still judges. */
const waitsOf = (deciding: readonly ClaimResponse[]): number =>
  amountOf(deciding, (a) => a.group === 'OA' && (a.reason === '18' || a.reason === '133'));

/** (h) A patient owes of a claim the PR of its answer, where no further payer follows, and nothing where one does. */
function shareFaults(
  journal: readonly Entry[],
  claim: string,
  { isLast, deciding }: { readonly isLast: boolean; readonly deciding: readonly ClaimResponse[] },
): BookFault[] {
  const reversed = reversedReasons(journal);
  const share = total(
    journal,
    (p, e) =>
      p.claim === claim &&
      patients.includes(p.account) &&
      (e.reason === 'patient-share' || reversed(e) === 'patient-share'),
  );
  const due = isLast ? shareOf(deciding) : 0;
  // what the payer before took back after this claim was decided is reviewed by a person: no share is left of it
  const wasLeft = journal.some(
    (e) => reversed(e) === 'next-payer' && e.postings.some((p) => p.claim === claim),
  );
  // where the former system had settled a part already, no more reaches the patient than was still open
  const wasOpened = journal.some(
    (e) => e.reason === 'opening-balance' && e.postings.some((p) => p.claim === claim),
  );
  if (share === due || ((wasLeft || wasOpened) && share >= 0 && share < due)) return [];
  const text = `${claim}: the share that reached the patient is ${textOf(share)} and should be ${textOf(due)}`;
  return [{ invariant: 'h', text }];
}

/** (h) Nothing else raises what a patient owes, and money that was returned is of no charge and no claim. */
function sourceFaults(account: string, journal: readonly Entry[]): BookFault[] {
  return journal.flatMap((e): BookFault[] => {
    const raised = total([e], (p) => patients.includes(p.account));
    const returned = e.postings.filter((p) => p.account === 'receivable-patient-returned');
    const isOdd =
      (raised > 0 && !raises.includes(e.reason)) ||
      (returned.some((p) => p.amount > 0) && !returns.includes(e.reason)) ||
      returned.some((p) => p.charge !== undefined || p.claim !== undefined);
    const text = `${account}: the entry for ${e.cause} (${e.reason}) brings to the patient what is not theirs`;
    return isOdd ? [{ invariant: 'h', text }] : [];
  });
}
