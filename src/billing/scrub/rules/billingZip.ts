import { streetOf, zipDigits } from '../party.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** The ZIP code of the billing provider has nine digits (2010AA N403). */
export const billingZip: ScrubRule = {
  id: 'billing-zip',
  source: 'billing rule 3; 837 loop 2010AA N403',
  carc: '16',
  cure: 'Write the ZIP code of the billing Organization with all nine digits.',
  severity: 'error',
  check: ({ biller }) => {
    if (!biller) return [];
    const digits = zipDigits(streetOf(biller.address));
    if (/^\d{9}$/.test(digits)) return [];
    return /^\d{5}$/.test(digits)
      ? [fault('Claim.provider', 'the ZIP code of the billing provider has only five digits', 'warning')]
      : [fault('Claim.provider', 'the billing provider has no sound ZIP code')];
  },
};
