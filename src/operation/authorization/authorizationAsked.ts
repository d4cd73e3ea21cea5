import type { Claim, CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { notRequiredBy } from '../../billing/authorization/review.ts';
import { codeOf } from '../../datatypes/coding.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { find } from '../../interaction/repository.ts';
import { acceptedLineSystems } from '../../terminology/serviceCode.ts';
import type { Call } from '../operation.ts';
import { requestsOf } from './inHand.ts';

/** Service codes for which a payer has said that it asks an authorization, and for which it has said that it asks none. */
export interface AuthorizationAsked {
  readonly required: ReadonlySet<string>;
  readonly free: ReadonlySet<string>;
}

/** What the payer of a claim has said of authorizations: its answers about eligibility, and to requests. */
export async function authorizationAsked(
  { tx }: Pick<Call, 'tx'>,
  claim: Claim,
): Promise<AuthorizationAsked> {
  const patient = unversionedText(claim.patient.reference) ?? '';
  const payer = unversionedText(claim.insurer?.reference);
  if (!patient.startsWith('Patient/')) return { required: new Set(), free: new Set() };
  const answers = (await find<CoverageEligibilityResponse>(tx, 'CoverageEligibilityResponse', { patient }))
    .filter(({ status, insurer }) => status === 'active' && unversionedText(insurer.reference) === payer)
    .sort((a, b) => (a.created < b.created ? -1 : 1));
  // of each service what was said of it last: an answer that does not speak of it takes nothing back
  const asked = new Map<string, boolean>();
  for (const { authorizationRequired, productOrService } of answers.flatMap(itemsOf)) {
    const code = codeOf(productOrService, ...acceptedLineSystems);
    if (code !== undefined && authorizationRequired !== undefined) asked.set(code, authorizationRequired);
  }
  const requests = await requestsOf(tx, { patient, payer });
  return {
    required: new Set([...asked].flatMap(([code, isRequired]) => (isRequired ? [code] : []))),
    free: new Set(
      requests.flatMap(({ claim: request, answer }) => (answer ? notRequiredBy(request, answer) : [])),
    ),
  };
}

const itemsOf = ({ insurance = [] }: CoverageEligibilityResponse) =>
  insurance.flatMap(({ item = [] }) => item);
