import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/**
 * Kinds of bill with rules of their own that nothing here knows: SNF and swing bed (18, 21 to 23), home health (32 to
 * 34), dialysis (72), FQHC (77), hospice (81, 82). They are refused rather than billed wrong.
 */
const unknownHere = /^(18|21|22|23|32|33|34|72|77|81|82)$/;

/** The claim is of a kind that is billed here. */
export const claimKind: ScrubRule = {
  id: 'claim-kind',
  source: 'billing rule 13; Medicare Claims Processing Manual chapters 6 to 11',
  carc: '16',
  cure: 'Bill it by a system for its kind: home health, hospice, skilled nursing, FQHC and dialysis are not billed here.',
  severity: 'error',
  check: ({ claim, form, bill }) =>
    unless(
      form !== 'institutional' || bill === undefined || !unknownHere.test(bill.kind),
      `${supporting(claim, 'typeofbill')[0]?.at ?? 'Claim.supportingInfo'}.code`,
      'claims of this type of bill are not made here',
    ),
};
