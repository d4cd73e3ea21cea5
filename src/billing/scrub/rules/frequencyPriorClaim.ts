import { codeOf } from '../../../datatypes/coding.ts';
import { frequencyOf } from '../../../terminology/claimFrequency.ts';
import { system } from '../../../terminology/system.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** A replacement or void names the claim it is for, an original none (CLM05-3, REF F8). */
export const frequencyPriorClaim: ScrubRule = {
  id: 'frequency-prior-claim',
  source: 'billing rule 14; 837 CLM05-3 and REF F8',
  carc: '16',
  cure: 'Name the prior claim in Claim.related with the control number of the payer, or bill an original.',
  severity: 'error',
  check: ({ claim, bill }) => {
    const prior = (claim.related ?? []).flatMap((element, i) =>
      codeOf(element.relationship, system.relatedClaim) === 'prior'
        ? [{ element, at: `Claim.related[${i}]` }]
        : [],
    );
    const corrects = /^[78]$/.test(frequencyOf(claim));
    return [
      ...unless(
        !corrects || prior.length > 0,
        'Claim.related',
        'a replacement or void does not name the prior claim',
      ),
      ...prior.flatMap(({ element, at }) => [
        ...unless(bill?.frequency !== '1', at, 'an original bill names a prior claim'),
        ...unless(
          element.reference?.value !== undefined,
          `${at}.reference`,
          'the control number the payer gave the prior claim is missing',
        ),
      ]),
    ];
  },
};
