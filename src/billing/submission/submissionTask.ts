import type { Claim, ClaimResponse, Task } from '@medplum/fhirtypes';
import { concept } from '../../datatypes/coding.ts';
import { referenceTo } from '../../datatypes/reference.ts';
import { system } from '../../terminology/system.ts';

/** Where a submission stands. */
export type SubmissionState = 'sent' | 'pended' | 'refused' | 'answered';

/** The state an answer leaves the submission in. */
const stateOf = (response: ClaimResponse, state: string): SubmissionState => {
  if (state === 'pended') return 'pended';
  if (response.outcome === 'complete') return 'answered';
  if (response.outcome === 'error') return 'refused';
  return response.processNote?.some((n) => n.type === 'print') ? 'pended' : 'sent';
};

/**
 * The Task that follows a submission from sent to answered; `state` is where the claim stands, in the words of
 * CodeSystem/claim-state. See docs/model.md
 */
export const submissionTask = (
  claim: Claim,
  response: ClaimResponse,
  { on, state }: { readonly on: string; readonly state: string },
): Task => ({
  resourceType: 'Task',
  status: stateOf(response, state) === 'answered' ? 'completed' : 'in-progress',
  businessStatus: { coding: [{ system: system.claimState, code: state }], text: stateOf(response, state) },
  intent: 'order',
  code: concept(system.task, 'submission'),
  focus: referenceTo(claim),
  for: claim.patient,
  authoredOn: on,
  lastModified: response.created,
  requester: claim.provider,
  ...(claim.insurer ? { owner: claim.insurer } : {}),
  output: [{ type: concept(system.task, 'answer'), valueReference: referenceTo(response) }],
});
