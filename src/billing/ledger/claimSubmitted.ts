import type { Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** One charge and the claim line it is billed on; several charges may share a line. */
export interface SubmittedLine {
  readonly charge: string;
  readonly item: number; // Claim.item.sequence
  readonly encounter?: string | undefined;
  readonly amount: Cents;
}

/**
 * The first claim for these charges went out: insurance receivable, open / receivable, unbilled.
 * A claim to a further payer posts nothing when it is sent: the answer of the payer before placed its amount.
 */
export function claimSubmitted(
  event: Head & { readonly claim: string; readonly payer: string; readonly lines: readonly SubmittedLine[] },
): Entry {
  const { claim, payer, lines } = event;
  return post(event, { reason: 'claim-submitted', text: 'claim submitted' }, [
    ...lines.map(({ charge, item, encounter, amount }) =>
      debit('receivable-insurance-open', amount, { encounter, charge, claim, item, payer }),
    ),
    ...lines.map(({ charge, encounter, amount }) =>
      credit('receivable-unbilled', amount, { charge, encounter }),
    ),
  ]);
}
