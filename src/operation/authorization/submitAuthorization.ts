import type { Claim, ClaimResponse, Coverage } from '@medplum/fhirtypes';
import { isUndecided } from '../../billing/authorization/review.ts';
import { faultsOfRequest } from '../../billing/authorization/fitToAsk.ts';
import { has } from '../../datatypes/coding.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { unversionedText, withoutVersions } from '../../datatypes/sentVersion.ts';
import { resolve } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, unresolved } from '../../outcome/issue.ts';
import { extension, system } from '../../terminology/system.ts';
import { restrictedError, restrictedOf } from '../claim/restricted.ts';
import type { Call } from '../operation.ts';
import { standingAnswer } from '../submission/answers.ts';
import { gatewayOf, isNamed } from '../submission/gatewayOf.ts';
import { handOver, isOnItsWay, queue, type Begun } from '../submission/handOver.ts';
import { reasonToSend, type ReasonToSend } from '../submission/reasonToSend.ts';
import { writeAsSent } from '../submission/writeAsSent.ts';
import type { Submission } from '../submission/submission.ts';
import { holderOf, submissionJobKey, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { priorOf } from './inHand.ts';

type Stored<T> = T & { id: string };

/**
 * Makes a request for authorization ready to be sent, with a job that brings it to its payer: 278 through a trading partner,
 * PAS to a FHIR server, or the simulator. One that is decided gives the same answer again; one that is pended goes again with
 * what was attached since.
 */
export async function submitAuthorization(
  call: Call,
  given: Stored<Claim>,
): Promise<Stored<ClaimResponse> | Begun> {
  const { tx } = call;
  const reference = referenceText(given);
  const earlier = await standingAnswer(tx, reference);
  const job = await tx.jobs.read(submissionJobKey(reference));
  const satisfied = earlier && isPended(earlier) ? await isGiven(call, given) : false;
  if (isOnItsWay(job) && !satisfied) return call.isPart && earlier ? earlier : { claim: reference };
  const reason: ReasonToSend | undefined = satisfied
    ? 'satisfied'
    : earlier && earlier.outcome !== 'queued' && earlier.outcome !== 'error'
      ? undefined
      : await reasonToSend(call, { claim: given, earlier, job });
  if (earlier && !reason) return earlier;
  refuseUnfit(given);
  const restricted = await restrictedOf(call, given);
  if (restricted.size > 0) throw restrictedError([...restricted]);
  const found = await readRequest(call, earlier ? given : withoutVersions(given));
  await refuseForeignPrior(call, found.claim);
  const way = await gatewayOf(call, found.payer, found.claim);
  const submission = { ...found, claim: await writeAsSent(call, numbered(found.claim)) };
  if (isNamed(way))
    return handOver(call, submission, {
      ...{ named: way, reason, answeredOn: undefined, notes: [], earlier, job },
    });
  if (way)
    await raiseTask(call, {
      ...{ code: 'enrollment', focus: reference, detail: '' },
      text: 'no active enrolment for authorizations (278) reaches the payer: enter it, and $submit sends the request',
      patient: unversionedText(given.patient.reference),
    });
  return earlier ?? queue(call, submission, way ? 'not-enrolled' : 'not-connected');
}

const isPended = (answer: ClaimResponse): boolean => answer.outcome !== 'queued' && isUndecided(answer);

/** What a pended answer asked for is given when its Task is completed, or a document is attached; then the Task is too. */
async function isGiven({ context, tx }: Call, claim: Stored<Claim>): Promise<boolean> {
  const task = await holderOf(tx, taskKey('authorization-pended', referenceText(claim)));
  if (!task || task.status === 'completed') return task !== undefined;
  const attached = claim.supportingInfo?.some((s) => has(s.category, system.supportingInfo, 'attachment'));
  if (attached !== true) return false;
  await closeTask({ context, tx }, task);
  return true;
}

function refuseUnfit(claim: Stored<Claim>): void {
  if (extensionOf(claim, extension.x12Position)) {
    const text = `${referenceText(claim)} came in as a 278: it is not sent from here`;
    throw conflict('claim-received', text, 'Claim');
  }
  if (claim.status !== 'draft' && claim.status !== 'active')
    throw conflict('claim-not-submittable', `${referenceText(claim)} is ${claim.status}`, 'Claim.status');
  const faults = faultsOfRequest(claim);
  if (faults.length > 0) throw unprocessable(faults);
}

/** What is sent of a request: nothing of it stands in the ledger. */
async function readRequest({ tx }: Call, claim: Stored<Claim>): Promise<Submission> {
  const focal = claim.insurance.findIndex((i) => i.focal);
  const coverage = await resolve<Coverage>(tx, 'Coverage', claim.insurance[focal]?.coverage);
  const payer = unversionedText(claim.insurer?.reference);
  const at = `Claim.insurance[${focal.toString()}].coverage`;
  if (coverage?.id === undefined)
    throw unprocessable([unresolved('coverage-unknown', at, 'names no Coverage that is here')]);
  if (unversionedText(coverage.beneficiary.reference) !== unversionedText(claim.patient.reference))
    throw unprocessable([businessFault('coverage-of-another', at, 'is the coverage of another patient')]);
  if (parseReference(payer)?.type !== 'Organization')
    throw unprocessable([unresolved('payer-missing', 'Claim.insurer', 'the request names no payer')]);
  return {
    claim,
    coverage: changed(coverage, { id: coverage.id }),
    payer: payer ?? '',
    account: '',
    ...{ priors: [], charges: [], placed: [] },
  };
}

/** A request changes one of the same patient and payer only. */
async function refuseForeignPrior({ tx }: Call, claim: Stored<Claim>): Promise<void> {
  const name = priorOf(claim);
  if (name === undefined) return;
  const prior = await resolve<Claim>(tx, 'Claim', { reference: name });
  const isSame = (a: string | undefined, b: string | undefined): boolean =>
    unversionedText(a) === unversionedText(b);
  const isOfOne =
    prior?.use === 'preauthorization' &&
    isSame(prior.patient.reference, claim.patient.reference) &&
    isSame(prior.insurer?.reference, claim.insurer?.reference);
  if (!isOfOne)
    throw unprocessable([
      unresolved('prior-request-unknown', 'Claim.related', 'names no request of this patient to this payer'),
    ]);
}

/** The request with the number by which its answer finds it (278 TRN02); what has one keeps it. */
function numbered(claim: Stored<Claim>): Stored<Claim> {
  if (identifierOf(claim, system.trace) !== undefined) return claim;
  const value = `PA${claim.id
    .replace(/[^A-Za-z0-9]/g, '')
    .toUpperCase()
    .slice(-16)}`;
  return changed(claim, { identifier: [...(claim.identifier ?? []), { system: system.trace, value }] });
}
