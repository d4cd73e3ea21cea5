import { isPostBox, streetOf } from '../party.ts';
import { fault, type ScrubRule } from '../rule.ts';

/** The billing provider has a street address, not a post box (2010AA N3). */
export const billingAddress: ScrubRule = {
  id: 'billing-address',
  source: 'billing rule 3; 837 loop 2010AA N3',
  carc: '16',
  cure: 'Give the billing Organization its street address; a post box is an address of use billing (pay-to).',
  severity: 'error',
  check: ({ biller }) => {
    if (!biller) return [];
    const address = streetOf(biller.address);
    const lines = address?.line ?? [];
    if (lines.length === 0) return [fault('Claim.provider', 'the billing provider has no street address')];
    if (lines.some(isPostBox))
      return [fault('Claim.provider', 'the address of the billing provider is a post box')];
    return address?.city !== undefined && address.state !== undefined
      ? []
      : [fault('Claim.provider', 'the address of the billing provider lacks city or state')];
  },
};
