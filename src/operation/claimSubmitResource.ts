import type { Bundle, Claim, ClaimResponse, Resource } from '@medplum/fhirtypes';
import { requestIn } from '../billing/authorization/pasBundle.ts';
import { changed } from '../datatypes/json.ts';
import { referenceText } from '../datatypes/reference.ts';
import type { Awaited } from '../interaction/rest/answer.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { asServer } from '../store/access/asServer.ts';
import { wrongValue } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import { pasAnswer } from './authorization/pasAnswer.ts';
import { receiveRequest } from './authorization/pasRequest.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { receiveClaim } from './claim/receiveClaim.ts';
import { awaitAnswers, awaiting, bundleOf } from './submission/awaitAnswers.ts';
import { isBegun, type Begun } from './submission/handOver.ts';
import { submitClaim } from './submission/submitClaim.ts';

/**
 * POST [base]/Claim/$submit, the operation of R4 core: a Claim, or a Bundle of Claims, stored here where it is not yet.
 * See https://hl7.org/fhir/R4/claim-operation-submit.html
 */
export const claimSubmitResource: Operation = {
  definition: operationDefinition('Claim-submit-resource'),
  permission: 'submit-claim',
  namesOthers: (resource) => requestIn(resource) !== undefined,
  async run(call): Promise<ClaimResponse | Bundle | Awaited> {
    const resource = parameter(call.input, 'resource')?.resource;
    const request = requestIn(resource);
    if (resource?.resourceType === 'Bundle' && request) return submitPas(call, resource, request);
    const isBundle = resource?.resourceType !== 'Claim';
    const results: (ClaimResponse | Begun)[] = [];
    const claims: string[] = [];
    for (const given of isBundle ? claimsOf(resource) : [resource]) {
      const claim = await receiveClaim(call, given);
      claims.push(referenceText(claim));
      results.push(await submitClaim(call, claim));
    }
    const begun = results.filter(isBegun);
    if (begun.length > 0) return awaiting(claims, isBundle, begun);
    const answers = results.flatMap((result) => (isBegun(result) ? [] : [result]));
    const [only] = answers;
    return !isBundle && only ? only : bundleOf(call.context, answers);
  },
  answer: async (context, awaited, dryRun) => {
    const answer = await awaitAnswers(context, awaited, dryRun);
    const { pas } = JSON.parse(awaited.awaited) as { pas?: true };
    if (pas !== true || answer.resourceType !== 'ClaimResponse') return answer;
    return pasAnswer(context, asServer(context.store), changed(answer, { id: answer.id ?? '' }));
  },
};

/** A Bundle of PAS asks for authorization: its first entry is a Claim of use preauthorization. Conformance 7.1.1 */
async function submitPas(call: Call, bundle: Bundle, request: Claim): Promise<Bundle | Awaited> {
  const claim = await receiveRequest(call, bundle, request);
  const result = await submitClaim(call, claim);
  if (!isBegun(result)) return pasAnswer(call.context, call.tx, result);
  const waiting = awaiting([result.claim], false, [result]);
  return { ...waiting, awaited: JSON.stringify({ ...JSON.parse(waiting.awaited), pas: true }) };
}

/** The Claims of a Bundle; 422 naming every entry that is none. */
function claimsOf(resource: Resource | undefined): Claim[] {
  const place = "Parameters.parameter.where(name='resource').resource";
  if (resource?.resourceType !== 'Bundle' || !resource.entry?.length) {
    throw unprocessable([wrongValue('not-a-claim', place, 'must be a Claim or a Bundle of Claims')]);
  }
  const entries = resource.entry.map((e) => e.resource);
  const faults = entries.flatMap((e, i) =>
    e?.resourceType === 'Claim'
      ? []
      : [wrongValue('not-a-claim', `${place}.entry[${i}].resource`, 'must be a Claim')],
  );
  for (const [i, e] of entries.entries())
    if (e?.resourceType === 'Claim' && e.use !== 'claim')
      faults.push(
        wrongValue(
          'use-not-supported',
          `${place}.entry[${i}].resource.use`,
          'a Bundle of Claims holds claims only: a request for authorization is sent by itself, or as PAS has it',
        ),
      );
  if (faults.length > 0) throw unprocessable(faults);
  return entries.filter((e) => e?.resourceType === 'Claim');
}
