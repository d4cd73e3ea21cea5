import { looksLikeCpt, looksLikeHcpcs } from '../../../terminology/hcpcs.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every professional line has a HCPCS or CPT code; on an institutional line a code of these systems has their form (SV101, SV202). */
export const procedureCode: ScrubRule = {
  id: 'procedure-code',
  source: 'billing rules 25 and 37; 45 CFR 162.1002, SV101-2 and SV202-2',
  carc: '181',
  cure: 'Map the charted code to HCPCS or CPT.',
  severity: 'error',
  check: ({ lines, form }) =>
    lines.flatMap(({ at, code }) =>
      unless(
        code === undefined ? form !== 'professional' : looksLikeHcpcs(code) || looksLikeCpt(code),
        `${at}.productOrService`,
        'this line has no code of the form of HCPCS or CPT',
      ),
    ),
};
