import { npiOf, parties } from '../party.ts';
import { unless, type ScrubRule } from '../rule.ts';

/** Whoever rendered, attended or referred has an NPI (2310 NM109). */
export const renderingNpi: ScrubRule = {
  id: 'rendering-npi',
  source: 'billing rule 1; 45 CFR 162.410',
  carc: '206',
  cure: 'Give the Practitioner its NPI as identifier.',
  severity: 'error',
  check: (claim) =>
    parties(claim)
      .slice(1)
      .flatMap(({ at, provider, rendering }) =>
        unless(
          npiOf(provider) !== undefined,
          at,
          'this provider is not known here or has no NPI',
          rendering ? 'error' : 'warning',
        ),
      ),
};
