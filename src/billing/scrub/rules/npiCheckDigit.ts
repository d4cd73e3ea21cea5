import { isNpi } from '../../../datatypes/identifier.ts';
import { npiOf, parties } from '../party.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Every National Provider Identifier on the claim passes its check digit (NM109). */
export const npiCheckDigit: ScrubRule = {
  id: 'npi-check-digit',
  source: 'billing rule 1; 45 CFR 162.406, CMS NPI check digit',
  carc: '207',
  cure: 'Correct the NPI of the provider; look it up in NPPES.',
  severity: 'error',
  check: (claim) =>
    parties(claim).flatMap(({ at, provider }) => {
      const npi = npiOf(provider);
      return unless(
        npi === undefined || isNpi(npi),
        at,
        'the NPI of this provider is not ten digits with a right check digit',
      );
    }),
};
