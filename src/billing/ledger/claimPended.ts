import type { Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { credit, debit, post, type Head } from './posting.ts';

/** What stands on a line of a claim; without item, on the claim as a whole. */
export interface PlacedLine {
  readonly item?: number | undefined;
  readonly encounter?: string | undefined;
  readonly amount: Cents;
}

/** The payer asks for information: what stands on the claim moves from open to pended. */
export function claimPended(
  event: Head & { readonly claim: string; readonly payer: string; readonly lines: readonly PlacedLine[] },
): Entry {
  const { claim, payer, lines } = event;
  const postings = lines.flatMap(({ item, encounter, amount }) => {
    const about = { encounter, claim, item, payer };
    return [
      debit('receivable-insurance-pended', amount, about),
      credit('receivable-insurance-open', amount, about),
    ];
  });
  return post(event, { reason: 'claim-pended', text: 'the payer asks for information' }, postings);
}
