import { looksLikeCpt, looksLikeHcpcs } from '../../../terminology/hcpcs.ts';
import { looksLikeCdt } from '../../../terminology/serviceCode.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every professional line has a HCPCS or CPT code, every oral one a CDT number; on an institutional line a code has such a form (SV101, SV202, SV301). */
export const procedureCode: ScrubRule = {
  id: 'procedure-code',
  source: 'billing rules 25 and 37; 45 CFR 162.1002, SV101-2, SV202-2 and SV301-1',
  carc: '181',
  cure: 'Map the charted code to HCPCS or CPT, of a dental service to CDT.',
  severity: 'error',
  check: ({ lines, form }) =>
    lines.flatMap(({ at, code }) => {
      if (form === 'pharmacy') return [];
      const [fits, wanted] =
        form === 'oral'
          ? [code !== undefined && looksLikeCdt(code), 'CDT']
          : [code === undefined ? form !== 'professional' : isMedical(code), 'HCPCS or CPT'];
      return unless(fits, `${at}.productOrService`, `this line has no code of the form of ${wanted}`);
    }),
};

const isMedical = (code: string): boolean => looksLikeHcpcs(code) || looksLikeCpt(code);
