import { unless, type ScrubRule } from '../rule.ts';

/** At most 50 lines on a professional claim, 999 on an institutional one (loop 2400). */
export const lineLimit: ScrubRule = {
  id: 'line-limit',
  source: 'billing rule 23; 837 loop 2400',
  carc: '16',
  cure: 'Split the claim.',
  severity: 'error',
  check: ({ lines, form }) => {
    const most = form === 'institutional' ? 999 : 50;
    return unless(lines.length <= most, 'Claim.item', `the claim has more than ${most} lines`);
  },
};
