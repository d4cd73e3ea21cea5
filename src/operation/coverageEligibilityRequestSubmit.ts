import type { CoverageEligibilityRequest, CoverageEligibilityResponse } from '@medplum/fhirtypes';
import { changed } from '../datatypes/json.ts';
import type { Awaited } from '../interaction/rest/answer.ts';
import { readResource } from '../interaction/repository.ts';
import { operationDefinition } from './definition.ts';
import { awaitEligibility, awaitingEligibility } from './eligibility/awaitEligibility.ts';
import { isAskingBegun, submitEligibility } from './eligibility/submitEligibility.ts';
import type { Operation } from './operation.ts';

/** POST [base]/CoverageEligibilityRequest/[id]/$submit: asks the payer whether a coverage is active, and what it gives. */
export const coverageEligibilityRequestSubmit: Operation = {
  definition: operationDefinition('CoverageEligibilityRequest-submit'),
  permission: 'check-eligibility',
  async run(call): Promise<CoverageEligibilityResponse | Awaited> {
    const id = call.target.id ?? '';
    const request = await readResource<CoverageEligibilityRequest>(call.tx, 'CoverageEligibilityRequest', id);
    const result = await submitEligibility(call, changed(request, { id }));
    return isAskingBegun(result) ? awaitingEligibility(result) : result;
  },
  answer: awaitEligibility,
};
