import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { referenceTo } from '../../datatypes/reference.ts';

/** What stands for the answer of a claim that nobody answers yet. */
export const unanswered = (claim: Claim, on: string): ClaimResponse => ({
  resourceType: 'ClaimResponse',
  status: 'active',
  type: claim.type,
  use: claim.use,
  patient: claim.patient,
  created: on,
  insurer: claim.insurer ?? {},
  requestor: claim.provider,
  request: referenceTo(claim),
  outcome: 'queued',
  disposition: 'Submitted; no payer is connected, so nothing answers yet',
});
