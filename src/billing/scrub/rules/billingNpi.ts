import { npiOf, parties } from '../party.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** The billing provider has an NPI; a practice of one may bill under the person's own (2010AA NM109). */
export const billingNpi: ScrubRule = {
  id: 'billing-npi',
  source: 'billing rule 1; 45 CFR 162.410',
  carc: '206',
  cure: 'Give the billing Organization its NPI as identifier.',
  severity: 'error',
  check: (claim) => {
    if (npiOf(claim.biller) !== undefined) return [];
    const personal = parties(claim).some((p) => p.rendering && npiOf(p.provider) !== undefined);
    return personal
      ? [
          fault(
            'Claim.provider',
            'the billing provider has no NPI; only the person who rendered the service has',
            'warning',
          ),
        ]
      : [fault('Claim.provider', 'the billing provider is not known here or has no NPI')];
  },
};
