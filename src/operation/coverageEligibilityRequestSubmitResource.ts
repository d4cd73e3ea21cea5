import type { CoverageEligibilityResponse } from '@medplum/fhirtypes';
import type { Awaited } from '../interaction/rest/answer.ts';
import { operationDefinition } from './definition.ts';
import { awaitEligibility, awaitingEligibility } from './eligibility/awaitEligibility.ts';
import { receiveRequest } from './eligibility/receiveRequest.ts';
import { isAskingBegun, submitEligibility } from './eligibility/submitEligibility.ts';
import type { Operation } from './operation.ts';
import { parameter } from './parameters.ts';

/**
 * POST [base]/CoverageEligibilityRequest/$submit, the operation of R4 core: a request, or a Bundle of one with what it
 * refers to, stored here where it is not yet.
 * See https://hl7.org/fhir/R4/coverageeligibilityrequest-operation-submit.html
 */
export const coverageEligibilityRequestSubmitResource: Operation = {
  definition: operationDefinition('CoverageEligibilityRequest-submit-resource'),
  permission: 'check-eligibility',
  async run(call): Promise<CoverageEligibilityResponse | Awaited> {
    const request = await receiveRequest(call, parameter(call.input, 'resource')?.resource);
    const result = await submitEligibility(call, request);
    return isAskingBegun(result) ? awaitingEligibility(result) : result;
  },
  answer: awaitEligibility,
};
