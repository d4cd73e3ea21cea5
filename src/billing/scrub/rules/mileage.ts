import { unless, type ScrubRule } from '../rule.ts';

/** Ambulance miles stand with the ride they belong to. */
export const mileage: ScrubRule = {
  id: 'mileage',
  source: 'billing rule 32; Medicare Claims Processing Manual chapter 15, 30.1',
  carc: '107',
  cure: 'Bill the ride on the same claim, on the same date.',
  severity: 'warning',
  check: ({ lines }) =>
    lines.flatMap(({ at, code = '', from }) =>
      unless(
        !/^A04(25|35|36)$/.test(code) ||
          lines.some((l) => /^A04(2[6-9]|3[0-4])$/.test(l.code ?? '') && l.from === from),
        `${at}.productOrService`,
        'the miles stand without the ride',
      ),
    ),
};
