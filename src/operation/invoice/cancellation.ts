import { invoiceCancelled, invoiceOpen, patientStanding } from '../../billing/ledger/index.ts';
import type { Entry } from '../../datatypes/entry.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from '../payment/patientAccount.ts';

/** What takes an Invoice back: its open part is not invoiced, what was paid on its lines is credit again. */
export function cancellation(
  call: Pick<Call, 'context'>,
  { journal, name: account }: Pick<PatientAccount, 'journal' | 'name'>,
  { invoice, on }: { readonly invoice: string; readonly on: string },
): Entry {
  const paid = patientStanding(journal, { invoice }).map((s) => ({ ...s, amount: s.applied }));
  const open = invoiceOpen(journal, { invoice });
  return invoiceCancelled({ id: call.context.newId(), on, account, cause: invoice, invoice, open, paid });
}
