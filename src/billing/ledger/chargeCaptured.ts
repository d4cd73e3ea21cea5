import type { Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** A service was charged: receivable, unbilled / revenue, at the full charge. */
export function chargeCaptured(
  event: Head & { readonly charge: string; readonly encounter?: string | undefined; readonly amount: Cents },
): Entry {
  const { charge, encounter, amount } = event;
  return post(event, { reason: 'charge-captured', text: 'charge captured' }, [
    debit('receivable-unbilled', amount, { charge, encounter }),
    credit('revenue', amount, { charge, encounter }),
  ]);
}
