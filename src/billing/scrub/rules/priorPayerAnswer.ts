import { unless, type ScrubRule } from '../rule.ts';

/** A claim to a later payer carries the answer of every payer before (2320, 2430). */
export const priorPayerAnswer: ScrubRule = {
  id: 'prior-payer-answer',
  source: 'billing rule 45; 837 loops 2320 and 2430',
  carc: '22',
  cure: 'Wait for the answer of the payer before, then make the claim for the next.',
  severity: 'error',
  check: ({ focal, insurances }) =>
    insurances.flatMap(({ element, at }) =>
      unless(
        focal === undefined ||
          element.sequence >= focal.element.sequence ||
          element.claimResponse !== undefined,
        `${at}.claimResponse`,
        'this payer comes first and its answer is not on the claim',
      ),
    ),
};
