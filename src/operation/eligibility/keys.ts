import type { CoverageEligibilityRequest, CoverageEligibilityResponse, Resource } from '@medplum/fhirtypes';
import type { UniqueKey } from '../uniqueKey.ts';

const keyOf = <T extends Resource>(type: T['resourceType'], ...parts: readonly string[]): UniqueKey<T> => ({
  type,
  text: parts.join('|'),
});

/** An answer to a request for eligibility (CoverageEligibilityRequest/1), by the hash of what it says. */
export const eligibilityAnswerKey = (request: string, hash: string): UniqueKey<CoverageEligibilityResponse> =>
  keyOf('CoverageEligibilityResponse', 'eligibility-answer', request, hash);

/** The answer to a request that is not given yet, and the last one of those that were. */
export const eligibilityKey = (
  is: 'open' | 'last',
  request: string,
): UniqueKey<CoverageEligibilityResponse> =>
  keyOf('CoverageEligibilityResponse', `eligibility-${is}`, request);

/** A request: that the night makes of a coverage for a day, or by the hash of what was handed in. */
export const eligibilityRequestKey = (...parts: readonly string[]): UniqueKey<CoverageEligibilityRequest> =>
  keyOf('CoverageEligibilityRequest', 'eligibility-request', ...parts);
