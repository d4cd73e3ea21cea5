import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { referenceTo } from './reference.ts';

/** What every answer to a claim says again of the claim; `on` is the day of the answer, a FHIR date. */
export const saidAgain = (
  claim: Claim,
  on: string,
): Pick<
  ClaimResponse,
  'status' | 'type' | 'use' | 'patient' | 'created' | 'insurer' | 'requestor' | 'request'
> => ({
  status: 'active',
  type: claim.type,
  use: claim.use,
  patient: claim.patient,
  created: on,
  insurer: claim.insurer ?? {},
  requestor: claim.provider,
  request: referenceTo(claim),
});
