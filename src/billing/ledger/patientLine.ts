import type { Cents } from '../../datatypes/cents.ts';
import type { LedgerAccount } from '../../datatypes/entry.ts';
import type { About } from './posting.ts';

/** An amount on one line of what a patient owes: of a claim (its item, or as a whole), or a charge billed directly. */
export interface PatientLine {
  readonly encounter?: string | undefined;
  readonly claim?: string | undefined;
  readonly item?: number | undefined;
  readonly charge?: string | undefined;
  readonly amount: Cents;
}

/** The ledger accounts of what stands on Invoices: the patient's share, and refunds of money that was returned. */
export const onInvoice = ['receivable-patient-invoiced', 'receivable-patient-returned'] as const;
export type OnInvoice = (typeof onInvoice)[number];
export const isOnInvoice = (account: LedgerAccount): account is OnInvoice =>
  (onInvoice as readonly LedgerAccount[]).includes(account);

/** A line on an Invoice; without `account` it is the patient's share. */
export interface InvoiceLine extends PatientLine {
  readonly invoice: string;
  readonly account?: OnInvoice;
}

/** A line that credit meets: on an Invoice, or not invoiced yet. */
export interface MetLine extends PatientLine {
  readonly invoice?: string | undefined;
  readonly account?: OnInvoice;
}

/** A part of the unapplied credit: kept for one visit, or free. */
export interface CreditPart {
  readonly encounter?: string | undefined;
  readonly amount: Cents;
}

/** The dimensions of a patient line, on an Invoice or not. */
export const lineAbout = (line: Omit<PatientLine, 'amount'>, invoice?: string): About => ({
  encounter: line.encounter,
  charge: line.charge,
  claim: line.claim,
  item: line.item,
  invoice,
});

/** Where what credit meets stands in the ledger. */
export const metAccount = ({ invoice, account }: MetLine): LedgerAccount =>
  invoice === undefined ? 'receivable-patient-not-invoiced' : (account ?? 'receivable-patient-invoiced');
