import { sum, subtract, type Cents } from '../../datatypes/cents.ts';
import { reversal, type Entry } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What of a claim a former system had open; without item, of the claim as a whole. */
export interface OpenedLine {
  readonly item?: number | undefined;
  readonly amount: Cents;
}

const why = (text: string) => ({ reason: 'opening-balance', text }) as const;

/** A claim that a former system sent and whose payer still owes something: insurance receivable / opening balance. */
export function claimOpened(
  event: Head & { readonly claim: string; readonly payer: string; readonly lines: readonly OpenedLine[] },
): Entry {
  const { claim, payer, lines } = event;
  return post(event, why('open claim of the former system'), [
    ...lines.map(({ item, amount }) => debit('receivable-insurance-open', amount, { claim, item, payer })),
    credit('opening-balance', sum(lines.map((l) => l.amount)), { claim, payer }),
  ]);
}

/** What a patient still owed in a former system: patient receivable on an Invoice / opening balance. */
export function balanceOpened(event: Head & { readonly invoice: string; readonly amount: Cents }): Entry {
  const { invoice, amount } = event;
  return post(event, why('balance of the former system'), [
    debit('receivable-patient-invoiced', amount, { invoice }),
    credit('opening-balance', amount, { invoice }),
  ]);
}

/** What a patient had paid ahead in a former system: opening balance / unapplied credit. */
export const creditOpened = (event: Head & { readonly amount: Cents }): Entry =>
  post(event, why('credit of the former system'), [
    debit('opening-balance', event.amount, {}),
    credit('unapplied-patient-credit', event.amount, {}),
  ]);

/** What was loaded by mistake is taken off again. */
export const openingWithdrawn = (opened: Entry, by: Pick<Entry, 'id' | 'on' | 'cause'>): Entry =>
  reversal(opened, { ...by, reason: 'opening-withdrawn', text: 'loaded by mistake, taken off again' });

/**
 * A payer takes back what the former system had posted of a claim: all that was settled there is with the payer again,
 * the money comes out of the deposit of the remittance, the rest was settled without money.
 */
export function formerAnswerReversed(
  event: Head & {
    readonly claim: string;
    readonly payer: string;
    readonly remittance: string;
    readonly settled: Cents; // of the charge, in the former system
    readonly paid: Cents; // that the payer takes back
  },
): Entry {
  const { claim, payer, remittance, settled, paid } = event;
  const text = 'the payer took back what the former system had posted';
  return post(event, { reason: 'former-answer-reversed', text }, [
    debit('receivable-insurance-open', settled, { claim, payer }),
    credit('unidentified-payer-cash', paid, { claim, payer, remittance }),
    credit('opening-balance', subtract(settled, paid), { claim, payer }),
  ]);
}

/** The claims and Invoices that a former system left open: what was set against the opening balance. */
export const isOpening = ({ reason }: Entry): boolean =>
  reason === 'opening-balance' || reason === 'opening-withdrawn' || reason === 'former-answer-reversed';

/** The day a balance of a former system was opened: nothing is met on its Invoice before. */
export const openedOn = (journal: readonly Entry[], invoice: string): string | undefined =>
  journal.find((e) => e.reason === 'opening-balance' && e.postings.some((p) => p.invoice === invoice))?.on;
