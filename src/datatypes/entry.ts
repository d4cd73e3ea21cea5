import { negate, sum, type Cents } from './cents.ts';
import { without } from './json.ts';

/** The accounts of the ledger. Receivables, cash and contra-revenue are debits, revenue and credits owed are credits. */
export type LedgerAccount =
  | 'cash'
  | 'receivable-unbilled'
  | 'receivable-insurance-open'
  | 'receivable-insurance-pended'
  | 'receivable-insurance-denied'
  | 'receivable-patient-not-invoiced'
  | 'receivable-patient-invoiced'
  | 'receivable-patient-returned' // a refund of money that was returned afterwards
  | 'unapplied-patient-credit'
  | 'unapplied-payer-credit'
  | 'refunds-payable'
  | 'revenue'
  | 'contractual-adjustment'
  | 'qmb-cost-share' // what a QMB patient may not be asked for: contra-revenue
  | 'denial-write-off'
  | 'charity-adjustment'
  | 'self-pay-discount'
  | 'prompt-pay-discount' // contra-revenue
  | 'small-balance-adjustment'
  | 'bad-debt-expense'
  | 'other-expense'
  | 'unidentified-payer-cash' // a payer's deposit until its claims are posted: a liability
  | 'payer-recoupment' // what a payer takes back or has yet to take back, by claim
  | 'forwarding-balance' // carried from one remittance to a later one
  | 'withhold-receivable'
  | 'tax-withheld'
  | 'capitation-adjustment' // contra-revenue
  | 'penalty-adjustment' // contra-revenue
  | 'capitation-revenue'
  | 'incentive-revenue'
  | 'interest-income'
  | 'interest-expense'
  | 'unclassified-payer-adjustment' // waits for a person to say what it is
  | 'merged-accounts' // between two Accounts of one patient: nothing over both
  | 'opening-balance'; // equity: what a former system had open is set against it

/** An amount on one account; a debit is positive, a credit negative. The rest says what it is about. */
export interface Posting {
  readonly account: LedgerAccount;
  readonly amount: Cents;
  readonly encounter?: string; // Encounter/1
  readonly charge?: string; // ChargeItem/1
  readonly claim?: string; // Claim/1
  readonly item?: number; // Claim.item.sequence; none when the claim was adjudicated as a whole
  readonly payer?: string; // Organization/1
  readonly invoice?: string; // Invoice/1
  readonly remittance?: string; // PaymentReconciliation/1, of a payer's deposit
}

/** Why an entry was made: one for each event that posts. The codes are stable. */
export type EntryReason =
  | 'charge-captured'
  | 'charge-reversed'
  | 'claim-submitted'
  | 'claim-pended'
  | 'claim-denied'
  | 'contractual'
  | 'insurer-payment'
  | 'patient-share'
  | 'next-payer'
  | 'answer-reversed'
  | 'claim-replaced'
  | 'claim-withdrawn'
  | 'denial-written-off'
  | 'denial-write-off-reversed'
  | 'self-pay-withdrawn'
  | 'remittance-deposit'
  | 'provider-adjustment'
  | 'remittance-reversed'
  | 'invoice-issued'
  | 'self-pay-invoiced'
  | 'invoice-cancelled'
  | 'credit-applied'
  | 'credit-released'
  | 'patient-payment'
  | 'payment-reversed'
  | 'refund'
  | 'refund-reversed'
  | 'payer-refund'
  | 'payer-refund-reversed'
  | 'transferred-to-patient' // what a payer denied and the patient owes
  | 'transfer-reversed'
  | 'account-merged' // credit to the Account of the record that stays
  | 'merge-reversed'
  | 'write-off'
  | 'write-off-reversed'
  | 'qmb-cost-share'
  | 'qmb-cost-share-reversed'
  | 'opening-balance' // what a former system had open: of a claim, of a patient, or credit
  | 'opening-withdrawn' // the same, loaded by mistake
  | 'former-answer-reversed'; // a payer took back what the former system had posted

/** A journal entry. Append-only: never edited, only reversed. */
export interface Entry {
  readonly id: string;
  readonly account: string; // Account/1, the patient's account it belongs to; PaymentReconciliation/1 of a deposit
  readonly on: string; // posting date, a FHIR date
  readonly dated?: string; // its own day, where that lies in a month that was closed and it is posted later
  readonly enteredOn?: string; // when it was entered, an instant: the store's clock; entries of before have none
  readonly reason: EntryReason;
  readonly text: string; // the reason in words, without PHI
  readonly cause: string; // the resource version it came from: ChargeItem/7/_history/1
  readonly reverses?: string; // the id of the entry it takes back
  readonly reference?: string; // the office's own number of a write-off, a payer's of its adjustment
  readonly postings: readonly Posting[];
}

/** An entry exists only when its debits equal its credits. */
export function entry(e: Entry): Entry {
  const out = sum(e.postings.map((p) => p.amount));
  if (out !== 0) throw new RangeError(`entry for ${e.cause} is out of balance by ${out} cents`);
  return e;
}

/** What takes an entry back: the same postings with every sign turned. */
export const reversal = (of: Entry, by: Pick<Entry, 'id' | 'on' | 'reason' | 'text' | 'cause'>): Entry =>
  entry({
    ...without(of, 'dated'),
    ...by,
    reverses: of.id,
    postings: of.postings.map((p) => ({ ...p, amount: negate(p.amount) })),
  });
