import { unless, type ScrubRule } from '../rule.ts';

/** At most 50 lines on a professional or oral claim, 999 on an institutional one (loop 2400); one fill on a pharmacy claim. */
export const lineLimit: ScrubRule = {
  id: 'line-limit',
  source: 'billing rule 23; 837 loop 2400',
  carc: '16',
  cure: 'Split the claim.',
  severity: 'error',
  check: ({ lines, form }) => {
    const most = form === undefined ? 50 : limits[form];
    const word = most === 1 ? 'line' : 'lines';
    return unless(lines.length <= most, 'Claim.item', `the claim has more than ${most} ${word}`);
  },
};

const limits = { professional: 50, oral: 50, institutional: 999, pharmacy: 1 } as const;
