import { unless, type ScrubRule } from '../rule.ts';

/** The claim is a claim (no preauthorisation) of a type that is billed here. */
export const claimType: ScrubRule = {
  id: 'claim-type',
  source: 'billing rule 9; 45 CFR 162.1102',
  carc: '16',
  cure: 'Make Claim.use claim and Claim.type professional, institutional, oral or pharmacy.',
  severity: 'error',
  check: ({ claim, form }) => [
    ...unless(claim.use === 'claim', 'Claim.use', 'what is billed is no claim'),
    ...unless(
      form !== undefined,
      'Claim.type',
      'the claim is neither professional nor institutional, oral or pharmacy',
    ),
  ],
};
