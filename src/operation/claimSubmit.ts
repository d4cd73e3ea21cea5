import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { isDate } from '../datatypes/date.ts';
import { changed } from '../datatypes/json.ts';
import type { Awaited } from '../interaction/rest/answer.ts';
import { readResource } from '../interaction/repository.ts';
import { badRequest } from '../outcome/fhirError.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { awaitAnswers, awaiting } from './submission/awaitAnswers.ts';
import { isBegun } from './submission/handOver.ts';
import { submitClaim } from './submission/submitClaim.ts';

/** POST [base]/Claim/[id]/$submit: sends a claim and answers with what the payer says. */
export const claimSubmit: Operation = {
  definition: operationDefinition('Claim-submit'),
  permission: 'submit-claim',
  async run(call): Promise<ClaimResponse | Awaited> {
    const id = call.target.id ?? '';
    const claim = await readResource<Claim>(call.tx, 'Claim', id);
    const result = await submitClaim(call, changed(claim, { id }), answerDate(call));
    return isBegun(result) ? awaiting([result.claim], false, [result]) : result;
  },
  answer: awaitAnswers,
};

/** The day the payer is to answer: parameter `answeredOn`; not before the business date and not to come. */
function answerDate({ input, on, today }: Call): string | undefined {
  const given = parameter(input, 'answeredOn')?.valueDate;
  if (given === undefined) return undefined;
  const place = "Parameters.parameter.where(name='answeredOn').value";
  if (!isDate(given)) throw badRequest('malformed-value', 'answeredOn must be a full date', place);
  if (given < on || given > today) {
    const text = `answeredOn ${given} is not between the business date ${on} and today, ${today}`;
    throw badRequest('answer-date-out-of-range', text, place);
  }
  return given;
}
