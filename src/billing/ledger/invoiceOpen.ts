import { least } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { balance, groups, lowestFrom } from './balance.ts';
import type { PatientLine } from './patientLine.ts';
import type { About } from './posting.ts';

const account = 'receivable-patient-invoiced' as const;

/** What is open on Invoices, by line in the order they were issued; `where` narrows to one Invoice or visit. */
export function invoiceOpen(
  journal: readonly Entry[],
  where: About = {},
): (PatientLine & { readonly invoice: string })[] {
  return groups(journal, { ...where, account }, ['encounter', 'charge', 'claim', 'item', 'invoice']).map(
    (line) => ({
      ...line,
      invoice: line.invoice ?? '',
    }),
  );
}

/** What of it can be met on a day without any later day falling below zero. */
export const payableOn = (
  journal: readonly Entry[],
  where: About,
  on: string,
): (PatientLine & { readonly invoice: string })[] =>
  invoiceOpen(journal, where).map((line) => {
    const { amount, ...about } = line;
    return { ...line, amount: least(amount, lowestFrom(journal, { ...about, account }, on)) };
  });

/** What is open on one Invoice now. */
export const openOf = (journal: readonly Entry[], invoice: string) => balance(journal, { account, invoice });

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
