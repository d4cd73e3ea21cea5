import { unless, type ScrubRule } from '../rule.ts';

/** A claim has lines, each with a sequence of its own (LX01). */
export const lineRequired: ScrubRule = {
  id: 'line-required',
  source: 'billing rules 23 and 28; 837 loop 2400 LX01',
  carc: '16',
  cure: 'Generate the claim again from its charges.',
  severity: 'error',
  check: ({ lines }) => {
    const sequences = lines.map((l) => l.item.sequence);
    return [
      ...unless(lines.length > 0, 'Claim.item', 'the claim has no line'),
      ...lines.flatMap((l, i) =>
        unless(
          sequences.indexOf(l.item.sequence) === i,
          `${l.at}.sequence`,
          'this sequence stands on another line',
        ),
      ),
    ];
  },
};
