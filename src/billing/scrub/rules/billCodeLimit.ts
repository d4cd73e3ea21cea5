import { supporting } from '../view.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** An institutional claim has at most 24 codes of condition, occurrence, span and value each, and 25 procedures (HI). */
export const billCodeLimit: ScrubRule = {
  id: 'bill-code-limit',
  source: 'billing rule 19; 837I HI BG, BH, BI, BE, BBR and BBQ',
  carc: '16',
  cure: 'Leave out the codes that the payer does not need.',
  severity: 'error',
  check: ({ claim, form }) => {
    if (form !== 'institutional') return [];
    const occurrences = supporting(claim, 'occurrence-code');
    const spans = occurrences.filter(({ element }) => element.timingPeriod !== undefined);
    const counted = [
      [supporting(claim, 'condition-code').length, 'condition codes'],
      [occurrences.length - spans.length, 'occurrence codes'],
      [spans.length, 'occurrence spans'],
      [supporting(claim, 'value-code').length, 'value codes'],
    ] as const;
    return [
      ...counted.flatMap(([count, what]) =>
        unless(count <= 24, 'Claim.supportingInfo', `an institutional claim has at most 24 ${what}`),
      ),
      ...unless(
        (claim.procedure ?? []).length <= 25,
        'Claim.procedure',
        'an institutional claim has at most 25 procedures',
      ),
    ];
  },
};
