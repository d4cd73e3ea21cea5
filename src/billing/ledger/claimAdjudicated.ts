import { add, cents, least, most, negate, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry, LedgerAccount, Posting, EntryReason } from '../../datatypes/entry.ts';
import { contractualReasons } from '../../terminology/claimAdjustmentReason.ts';
import type { PlacedLine } from './claimPended.ts';
import { credit, debit, post, type About, type Head } from './posting.ts';

/** Why a payer paid less than the charge. Positive lowers the payment. */
export interface Adjustment {
  readonly group: 'CO' | 'PR' | 'OA' | 'PI';
  readonly reason: string; // CARC
  readonly amount: Cents;
}

/** The payer's answer for a claim line; without item, for the claim as a whole (a case rate). */
export interface AdjudicatedLine {
  readonly item?: number | undefined;
  readonly encounter?: string | undefined;
  readonly submitted: Cents;
  readonly paid: Cents;
  readonly adjustments: readonly Adjustment[];
}

export interface Adjudicated extends Omit<Head, 'id'> {
  readonly newId: () => string;
  readonly remittance?: string; // the PaymentReconciliation version, cause of the payment; else `cause`
  readonly claim: string;
  readonly payer: string;
  readonly lines: readonly AdjudicatedLine[];
  /** What stands on the claim; without it the submitted amounts. Needed for a claim to a further payer. */
  readonly placed?: readonly PlacedLine[];
  /** The claim to the further payer who now owes the patient's share; without it the patient owes it. */
  readonly next?: { readonly claim: string; readonly payer: string };
  readonly from: 'open' | 'pended';
  /** CARCs whose CO and PI amounts are written off; every other one is a denial. */
  readonly contractual?: ReadonlySet<string>;
}

/** How one line is posted. Their sum is what stood on the line, `excess` apart. */
interface Parts {
  readonly about: About;
  readonly paid: Cents; // taken off the receivable
  readonly excess: Cents; // paid beyond what stood on the line: owed back to the payer
  readonly contractual: Cents;
  readonly denied: Cents;
  readonly share: Cents; // PR
}

/** A complete answer: payment, contractual write-off, patient's share or next payer, denial; OA-23 posts nothing. */
export function claimAdjudicated(event: Adjudicated): Entry[] {
  const { claim, payer, next } = event;
  const from: LedgerAccount = `receivable-insurance-${event.from}`;
  const parts = linesOf(event).map(({ line, placed }) =>
    partsOf(line, placed, { about: { encounter: line.encounter, claim, item: line.item, payer }, event }),
  );
  const each = (part: (p: Parts) => Cents, to: (p: Parts) => Posting): Posting[] =>
    parts.flatMap((p) => (part(p) === 0 ? [] : [to(p), credit(from, part(p), p.about)]));
  const paid = sum(parts.map((p) => add(p.paid, p.excess)));
  const excess = sum(parts.map((p) => p.excess));
  const further = (p: Parts): About => ({ ...p.about, claim: next?.claim, payer: next?.payer });
  const events: readonly (readonly [reason: EntryReason, text: string, postings: Posting[]])[] = [
    [
      'contractual',
      'contractual adjustment',
      each(
        (p) => p.contractual,
        (p) => debit('contractual-adjustment', p.contractual, p.about),
      ),
    ],
    [
      'insurer-payment',
      'insurer payment',
      [
        debit('cash', paid, { claim, payer }),
        ...parts.map((p) => credit(from, p.paid, p.about)),
        credit('unapplied-payer-credit', excess, { claim, payer }),
      ],
    ],
    next
      ? [
          'next-payer',
          'patient share of this payer, another payer follows',
          each(
            (p) => p.share,
            (p) => debit('receivable-insurance-open', p.share, further(p)),
          ),
        ]
      : [
          'patient-share',
          'patient share (PR)',
          each(
            (p) => p.share,
            (p) => debit('receivable-patient-not-invoiced', p.share, patientAbout(p.about)),
          ),
        ],
    [
      'claim-denied',
      'denied, kept until corrected, appealed or written off',
      each(
        (p) => p.denied,
        (p) => debit('receivable-insurance-denied', p.denied, p.about),
      ),
    ],
  ];
  return events
    .filter(([, , postings]) => postings.some((p) => p.amount !== 0))
    .map(([reason, text, postings]) =>
      post({ ...event, id: event.newId(), cause: causeOf(event, reason) }, { reason, text }, postings),
    );
}

const patientAbout = ({ encounter, claim, item }: About): About => ({ encounter, claim, item });

const causeOf = (event: Adjudicated, reason: EntryReason): string =>
  reason === 'insurer-payment' ? (event.remittance ?? event.cause) : event.cause;

/** The lines with what stands on each. Where the amount stands on the whole claim, so does its answer. */
function linesOf({ lines, placed }: Adjudicated): { line: AdjudicatedLine; placed: Cents }[] {
  if (!placed) return lines.map((line) => ({ line, placed: line.submitted }));
  const byItem = lines.every((l) => l.item !== undefined) && placed.every((p) => p.item !== undefined);
  if (byItem) {
    return lines.map((line) => ({
      line,
      placed: sum(placed.filter((p) => p.item === line.item).map((p) => p.amount)),
    }));
  }
  const whole: AdjudicatedLine = {
    encounter: lines[0]?.encounter ?? placed[0]?.encounter,
    submitted: sum(lines.map((l) => l.submitted)),
    paid: sum(lines.map((l) => l.paid)),
    adjustments: lines.flatMap((l) => l.adjustments),
  };
  return [{ line: whole, placed: sum(placed.map((p) => p.amount)) }];
}

/**
 * Divides what stood on a line. Nothing is posted twice: where the answer says more than stood there (a further
 * payer repeats the first one's write-off) the write-off gives way first; what it leaves unexplained is denied.
 */
function partsOf(
  line: AdjudicatedLine,
  placed: Cents,
  { about, event }: { about: About; event: Adjudicated },
): Parts {
  const isContractual = (a: Adjustment): boolean =>
    (a.group === 'CO' || a.group === 'PI') && (event.contractual ?? contractualReasons).has(a.reason);
  const isRepeat = (a: Adjustment): boolean => a.group === 'OA' && a.reason === '23';
  const total = (which: (a: Adjustment) => boolean): Cents =>
    sum(line.adjustments.filter(which).map((a) => a.amount));
  const said = sum([line.paid, ...line.adjustments.filter((a) => !isRepeat(a)).map((a) => a.amount)]);
  let over = subtract(said, placed);
  const cut = (amount: Cents): Cents => {
    const off = least(most(amount, zero), most(over, zero));
    over = subtract(over, off);
    return subtract(amount, off);
  };
  const contractual = cut(total(isContractual));
  const refused = cut(total((a) => a.group !== 'PR' && !isContractual(a) && !isRepeat(a)));
  const share = cut(total((a) => a.group === 'PR'));
  const paid = cut(line.paid);
  const excess = subtract(line.paid, paid);
  const unexplained = over < 0 ? negate(over) : cents(0);
  return { about, paid, excess, contractual, denied: add(refused, unexplained), share };
}
