import { add, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry, EntryReason, LedgerAccount, Posting } from '../../datatypes/entry.ts';
import { balance } from './balance.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What was placed on a claim for one of its charges; of a claim to a further payer for one of its lines. */
export interface PlacedCharge {
  readonly charge?: string | undefined;
  readonly item?: number | undefined;
  readonly encounter?: string | undefined;
  readonly payer?: string | undefined;
  readonly amount: Cents;
}

const undecided: readonly LedgerAccount[] = ['receivable-insurance-open', 'receivable-insurance-pended'];
export const insuranceAccounts: readonly LedgerAccount[] = [...undecided, 'receivable-insurance-denied'];

/** The entries that were taken back, by id: what each of them was. */
export function reversedReasons(journal: readonly Entry[]): (entry: Entry) => EntryReason | undefined {
  const reasons = new Map(journal.map((e) => [e.id, e.reason]));
  return ({ reverses }) => (reverses === undefined ? undefined : reasons.get(reverses));
}

/**
 * Whether a posting places money on a claim or takes it off again: what was submitted, what a payer before left to it,
 * and what moves to the claim that replaces it.
 */
export function isPlacement(entry: Entry, posting: Posting, reversed: EntryReason | undefined): boolean {
  if (!insuranceAccounts.includes(posting.account)) return false;
  switch (entry.reason) {
    case 'claim-submitted':
    case 'claim-replaced':
    case 'claim-withdrawn':
    case 'opening-balance':
    case 'opening-withdrawn':
    case 'former-answer-reversed':
      return true;
    case 'next-payer':
      return posting.amount > 0;
    case 'answer-reversed':
      return reversed === 'next-payer' && posting.amount < 0;
    default:
      return false;
  }
}

/** What stands placed on a claim, whatever its payer decided, by charge and line. */
export function placementsOn(journal: readonly Entry[], claim: string): PlacedCharge[] {
  const reversed = reversedReasons(journal);
  const found = new Map<string, PlacedCharge>();
  for (const e of journal) {
    for (const p of e.postings) {
      if (p.claim !== claim || !isPlacement(e, p, reversed(e))) continue;
      const key = `${p.charge ?? ''}|${p.item ?? ''}`;
      const known = found.get(key);
      const { charge, item, encounter, payer } = p;
      found.set(key, { charge, item, encounter, payer, amount: add(known?.amount ?? zero, p.amount) });
    }
  }
  return [...found.values()].filter((p) => p.amount !== 0);
}

/** Where the money of a claim waits for its payer. */
export const waitsAs = (journal: readonly Entry[], claim: string): 'open' | 'pended' =>
  balance(journal, { account: 'receivable-insurance-pended', claim }) === 0 ? 'open' : 'pended';

/** Where a charge of the replaced claim goes: to a line of the new one; without it the new claim does not bill it. */
export interface MovedLine extends PlacedCharge {
  readonly to?: number | undefined;
}

/**
 * A claim takes the place of another one at the payer: what stood on the old one stands on the new one, and what the new
 * one does not bill is unbilled again.
 */
export function claimReplaced(
  event: Head & {
    readonly from: string; // Claim/1
    readonly to: string;
    readonly payer: string;
    readonly was: 'open' | 'pended';
    readonly becomes: 'open' | 'pended';
    readonly lines: readonly MovedLine[];
  },
): Entry {
  const { from, to, payer, was, becomes, lines } = event;
  return post(event, { reason: 'claim-replaced', text: 'the claim is replaced by another one' }, [
    ...lines.map(({ charge, encounter, amount, to: item }) =>
      item === undefined
        ? debit('receivable-unbilled', amount, { charge, encounter })
        : debit(`receivable-insurance-${becomes}`, amount, { encounter, charge, claim: to, item, payer }),
    ),
    ...lines.map(({ charge, encounter, item, amount, payer: before }) =>
      credit(`receivable-insurance-${was}`, amount, { encounter, charge, claim: from, item, payer: before }),
    ),
  ]);
}

/** A claim is taken back at its payer, or never came in: its charges are unbilled again. */
export function claimWithdrawn(
  event: Head & {
    readonly claim: string;
    readonly was: 'open' | 'pended';
    readonly lines: readonly PlacedCharge[];
  },
): Entry {
  const { claim, was, lines } = event;
  return post(
    event,
    { reason: 'claim-withdrawn', text: 'the claim is taken back, its charges are unbilled' },
    [
      ...lines.map(({ charge, encounter, amount }) =>
        debit('receivable-unbilled', amount, { charge, encounter }),
      ),
      ...lines.map(({ charge, encounter, item, payer, amount }) =>
        credit(`receivable-insurance-${was}`, amount, { encounter, charge, claim, item, payer }),
      ),
    ],
  );
}

const ofAnswers: readonly EntryReason[] = [
  ...(['contractual', 'insurer-payment', 'patient-share', 'next-payer', 'claim-denied'] as const),
];

/** Whether an entry is of the answer to this claim: of what is left to a further payer, on the side that gives. */
export const isAnswerTo = (e: Entry, claim: string): boolean =>
  ofAnswers.includes(e.reason) &&
  e.postings.some((p) => p.claim === claim && !(e.reason === 'next-payer' && isReceiver(e, claim)));

/** Of a `next-payer` entry the claim that gets the money. */
const isReceiver = (e: Entry, claim: string): boolean =>
  sum(e.postings.filter((p) => p.claim === claim).map((p) => p.amount)) > 0;
