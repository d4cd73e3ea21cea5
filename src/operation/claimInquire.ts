import type { Bundle, Claim, Parameters } from '@medplum/fhirtypes';
import { inquiryAnswer, requestIn, versionOf, type Answered } from '../billing/authorization/pasBundle.ts';
import { isAskedFor } from '../billing/authorization/inquired.ts';
import { changed } from '../datatypes/json.ts';
import { parseReference, referenceText } from '../datatypes/reference.ts';
import { unversionedText } from '../datatypes/sentVersion.ts';
import { find } from '../interaction/repository.ts';
import { badRequest } from '../outcome/fhirError.ts';
import type { Reader } from '../store/store.ts';
import { answeredOf } from './authorization/pasAnswer.ts';
import { insideOut, memberOf, numbersOf } from './authorization/pasRequest.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { partyHere } from './received/parties.ts';
import { standingAnswer } from './submission/answers.ts';

/**
 * POST [base]/Claim/$inquire: what was decided on requests for authorization, by example. It answers with what its caller
 * sees. See https://hl7.org/fhir/us/davinci-pas/OperationDefinition-Claim-inquiry.html
 */
export const claimInquire: Operation = {
  definition: operationDefinition('Claim-inquire'),
  namesOthers: (resource) => requestIn(resource) !== undefined,
  async run({ context, tx, view, input }): Promise<Bundle | Parameters> {
    const bundle = parameter(input, 'resource')?.resource;
    const example = requestIn(bundle);
    if (bundle?.resourceType !== 'Bundle' || !example)
      throw badRequest(
        'not-a-request',
        'the first entry must be a Claim of use preauthorization',
        'Bundle.entry[0].resource',
      );
    const reader = view ?? tx;
    const head = { base: context.publicUrl, timestamp: context.now(), version: versionOf(bundle) };
    const asked = insideOut(bundle, example, context.publicUrl);
    const patient = await memberOf(reader, asked);
    if (patient === undefined) return inquiryAnswer([], head);
    const found: Answered[] = [];
    for (const claim of await requestsLike(reader, asked, patient)) {
      const answer = await standingAnswer(reader, referenceText(claim));
      if (answer && isAskedFor(asked, { claim, answer })) found.push(await answeredOf(reader, answer));
    }
    return inquiryAnswer(found, head);
  },
};

/** Requests of a patient, of the provider who asks and to the payer who is asked. */
async function requestsLike(
  reader: Reader,
  asked: Claim,
  patient: string,
): Promise<(Claim & { id: string })[]> {
  const provider = await partyHere(reader, asked, asked.provider.reference);
  const payer = await partyHere(reader, asked, asked.insurer?.reference);
  const own = (await find<Claim>(reader, 'Claim', { patient, use: 'preauthorization' })).flatMap((claim) =>
    claim.id !== undefined &&
    claim.status !== 'entered-in-error' &&
    unversionedText(claim.provider.reference) === provider &&
    (payer === undefined || unversionedText(claim.insurer?.reference) === payer)
      ? [changed(claim, { id: claim.id })]
      : [],
  );
  const numbers = numbersOf(asked);
  const named = own.filter(
    (claim) =>
      numbersOf(claim).some((number) => numbers.includes(number)) ||
      parseReference(`Claim/${asked.id ?? ''}`)?.id === claim.id,
  );
  return named.length > 0 ? named : own;
}
