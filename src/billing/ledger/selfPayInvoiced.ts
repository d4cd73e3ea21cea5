import { subtract, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** A charge that no payer is asked for; `paid` of it is met from credit in the same step. */
export interface SelfPayLine {
  readonly charge: string;
  readonly encounter: string;
  readonly amount: Cents;
  readonly paid: Cents;
}

/**
 * Charges go to the patient directly: patient receivable / receivable, unbilled. The part that earlier payments
 * meet is not asked for: it stands as not invoiced until creditApplied, posted with it, clears it.
 */
export function selfPayInvoiced(
  event: Head & { readonly invoice?: string; readonly lines: readonly SelfPayLine[] },
): Entry {
  const { invoice, lines } = event;
  return post(event, { reason: 'self-pay-invoiced', text: 'charges invoiced to the patient' }, [
    ...lines.flatMap(({ charge, encounter, amount, paid }) => [
      debit('receivable-patient-invoiced', subtract(amount, paid), { charge, encounter, invoice }),
      debit('receivable-patient-not-invoiced', paid, { charge, encounter }),
    ]),
    ...lines.map(({ charge, encounter, amount }) =>
      credit('receivable-unbilled', amount, { charge, encounter }),
    ),
  ]);
}
