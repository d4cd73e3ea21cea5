import { unless, type ScrubRule } from '../rule.ts';

/** Each payer has a place of its own in the order, at most eleven of them (SBR01). */
export const payerSequence: ScrubRule = {
  id: 'payer-sequence',
  source: 'billing rule 42; 837 SBR01',
  carc: '16',
  cure: 'Number the coverages 1, 2, 3 in the order in which they pay.',
  severity: 'error',
  check: ({ insurances }) => {
    const sequences = insurances.map((i) => i.element.sequence);
    return [
      ...unless(insurances.length <= 11, 'Claim.insurance', 'more than eleven coverages'),
      ...insurances.flatMap((i, n) =>
        unless(
          sequences.indexOf(i.element.sequence) === n,
          `${i.at}.sequence`,
          'two coverages have the same place in the order',
        ),
      ),
    ];
  },
};
