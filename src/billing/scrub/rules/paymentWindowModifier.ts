import { isLaboratory } from '../../../terminology/serviceKind.ts';
import { staysAround } from '../admissions.ts';
import { fault, type ScrubRule } from '../rule.ts';

/**
 * Services by a practice that a hospital owns, in the days before an admission to it, carry modifier PD where Medicare is
 * billed: diagnostic ones always, others where they have to do with the stay.
 */
export const paymentWindowModifier: ScrubRule = {
  id: 'payment-window-modifier',
  source: '837P SV101-3 to SV101-6; 42 CFR 412.2(c)(5), Medicare Claims Processing Manual chapter 12, 90.7',
  carc: '4',
  cure: 'Add modifier PD to diagnostic services, and to others that have to do with the stay.',
  severity: 'error',
  check: (claim) =>
    claim.form !== 'professional' || !claim.admissions
      ? []
      : claim.lines.flatMap((line) => {
          const { at, code, modifiers } = line;
          if (modifiers.includes('PD') || staysAround(claim, line).length === 0) return [];
          const text =
            'this service falls in the days before an admission to the hospital that owns the practice';
          const isTest = code !== undefined && (isLaboratory(code) || /^7\d{4}$/.test(code));
          return [fault(`${at}.modifier`, text, isTest ? undefined : 'warning')];
        }),
};
