import { negate } from '../../datatypes/cents.ts';
import type { Entry, LedgerAccount } from '../../datatypes/entry.ts';
import { lineAbout, metAccount, type InvoiceLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What of an Invoice is given up, why, and the ledger account of that reason. */
export interface WriteOff {
  readonly invoice: string;
  readonly why: string;
  readonly to: LedgerAccount;
  readonly reference: string; // the office's own number of it
  readonly lines: readonly InvoiceLine[];
}

/** Part of an Invoice is given up: the account of the reason / patient receivable on the Invoice. */
export function writeOff(event: Head & WriteOff): Entry {
  const { invoice, why, to, reference, lines } = event;
  const made = post(event, { reason: 'write-off', text: `written off: ${why}` }, [
    ...lines.map((l) => debit(to, l.amount, lineAbout(l, invoice))),
    ...lines.map((l) => credit(metAccount(l), l.amount, lineAbout(l, invoice))),
  ]);
  return { ...made, reference };
}

/**
 * A write-off is taken back. On an Invoice that was cancelled since, the amount is no longer invoiced: the next
 * Invoice asks for it.
 */
export function writeOffReversed(
  event: Omit<Head, 'account'> & { readonly writtenOff: Entry; readonly cancelled: boolean },
): Entry {
  const { writtenOff, cancelled } = event;
  const head = { id: event.id, on: event.on, cause: event.cause, account: writtenOff.account };
  const made = post(
    head,
    { reason: 'write-off-reversed', text: 'write-off taken back' },
    writtenOff.postings.map((p) => {
      const back = { ...p, amount: negate(p.amount) };
      if (!cancelled || p.account !== 'receivable-patient-invoiced') return back;
      const { invoice: _cancelled, ...line } = back;
      return { ...line, account: 'receivable-patient-not-invoiced' };
    }),
  );
  return { ...made, reverses: writtenOff.id };
}

/** The write-off of an Invoice under a reference, the latest first one that stands; `reversed` tells the others. */
export function writeOffOf(
  journal: readonly Entry[],
  invoice: string,
  reference: string,
): { readonly entry: Entry; readonly reversed: boolean } | undefined {
  const takenBack = new Set(journal.map((e) => e.reverses));
  const found = journal
    .filter((e) => e.reason === 'write-off' && e.reference === reference)
    .filter((e) => e.postings.some((p) => p.invoice === invoice))
    .map((entry) => ({ entry, reversed: takenBack.has(entry.id) }));
  return found.find((f) => !f.reversed) ?? found.at(-1);
}
