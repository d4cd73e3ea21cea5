import { least } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { balance, groups, lowestFrom } from './balance.ts';
import { onInvoice, type InvoiceLine, type OnInvoice } from './patientLine.ts';
import type { About } from './posting.ts';

/** A line that is open on an Invoice. */
export interface OpenLine extends InvoiceLine {
  readonly account: OnInvoice;
}

const dimensions = ['encounter', 'charge', 'claim', 'item', 'invoice'] as const;

/** What is open on Invoices, by line in the order they were issued; `where` narrows to one Invoice or visit. */
export function invoiceOpen(journal: readonly Entry[], where: About = {}): OpenLine[] {
  const open = onInvoice.flatMap((account) =>
    groups(journal, { ...where, account }, dimensions).map((line) => ({
      ...line,
      invoice: line.invoice ?? '',
      account,
    })),
  );
  const issued = new Map<string, number>();
  for (const p of journal.flatMap((e) => e.postings)) {
    if (p.invoice !== undefined && !issued.has(p.invoice)) issued.set(p.invoice, issued.size);
  }
  return open.sort((a, b) => (issued.get(a.invoice) ?? 0) - (issued.get(b.invoice) ?? 0));
}

/** What of it can be met on a day without any later day falling below zero. */
export const payableOn = (journal: readonly Entry[], where: About, on: string): OpenLine[] =>
  invoiceOpen(journal, where).map((line) => {
    const { amount, ...about } = line;
    return { ...line, amount: least(amount, lowestFrom(journal, about, on)) };
  });

/** What is open on one Invoice now. */
export const openOf = (journal: readonly Entry[], invoice: string) =>
  balance(journal, { account: onInvoice, invoice });

/** The last posting date of anything about an Invoice, claim or charge; '' when there is none. */
export const lastPosted = (journal: readonly Entry[], about: ReadonlySet<string>): string =>
  journal.reduce(
    (last, e) =>
      e.on > last &&
      e.postings.some(
        (p) => about.has(p.invoice ?? '') || about.has(p.claim ?? '') || about.has(p.charge ?? ''),
      )
        ? e.on
        : last,
    '',
  );
