import type { Basic } from '@medplum/fhirtypes';
import type { UniqueKey } from '../uniqueKey.ts';

/** The rule that was proposed of a denied pattern, by the hash of what it asks. */
export const proposedRuleKey = (hash: string): UniqueKey<Basic> => ({
  type: 'Basic',
  text: `scrub-rule-proposed|${hash}`,
});
