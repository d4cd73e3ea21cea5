import { taxIdsOf } from '../party.ts';
import { fault, unless, type ScrubRule } from '../rule.ts';

/** The billing provider has exactly one tax number of nine digits (2010AA REF EI or SY). */
export const taxId: ScrubRule = {
  id: 'tax-id',
  source: 'billing rule 2; 837 loop 2010AA REF',
  carc: '16',
  cure: 'Give the billing Organization one identifier of type TAX with nine digits.',
  severity: 'error',
  check: ({ biller }) => {
    if (!biller) return [];
    const ids = taxIdsOf(biller);
    if (ids.length === 0)
      return [fault('Claim.provider', 'the billing provider has no tax number', 'warning')];
    if (ids.length > 1) return [fault('Claim.provider', 'the billing provider has more than one tax number')];
    return unless(
      /^\d{9}$/.test(ids[0] ?? ''),
      'Claim.provider',
      'the tax number of the billing provider has not nine digits',
    );
  },
};
