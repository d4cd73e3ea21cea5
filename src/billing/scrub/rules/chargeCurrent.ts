import { same } from '../../../datatypes/reference.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every charge that a line bills is here, belongs to the patient and was not taken back. */
export const chargeCurrent: ScrubRule = {
  id: 'charge-current',
  source: 'billing rule 40; 837 loop 2400',
  carc: '16',
  cure: 'Generate the claim again: the chart has changed since.',
  severity: 'error',
  check: ({ claim, lines }) =>
    lines.flatMap((line) =>
      line.charges.flatMap(({ at, charge }) => {
        if (!charge) return unless(false, at, 'this charge is not known here');
        const current = !['entered-in-error', 'aborted', 'not-billable'].includes(charge.status);
        return [
          ...unless(current, at, 'this charge was taken back'),
          ...unless(same(charge.subject, claim.patient), at, 'this charge belongs to another patient'),
        ];
      }),
    ),
};
