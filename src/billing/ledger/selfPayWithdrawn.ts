import type { Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** A charge that was the patient's own. */
export interface SelfPaidCharge {
  readonly charge: string;
  readonly encounter?: string | undefined;
  readonly amount: Cents;
}

/** A payer was found for charges that were the patient's own: receivable, unbilled / patient receivable, not invoiced. */
export const selfPayWithdrawn = (event: Head & { readonly lines: readonly SelfPaidCharge[] }): Entry =>
  post(event, { reason: 'self-pay-withdrawn', text: 'a payer was found: the charges are unbilled again' }, [
    ...event.lines.map(({ charge, encounter, amount }) =>
      debit('receivable-unbilled', amount, { charge, encounter }),
    ),
    ...event.lines.map(({ charge, encounter, amount }) =>
      credit('receivable-patient-not-invoiced', amount, { charge, encounter }),
    ),
  ]);
