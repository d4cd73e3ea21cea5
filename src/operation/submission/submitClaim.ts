import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { holdOf } from '../../billing/claim/edit.ts';
import { claimSubmitted } from '../../billing/ledger/index.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { unversionedText, withoutVersions } from '../../datatypes/sentVersion.ts';
import { updateResource } from '../../interaction/repository.ts';
import { extension } from '../../terminology/system.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, codeOfIssue, decided, isFault } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { editsOfClaim, type KeptEdits } from '../claim/claimEdits.ts';
import { restrictedError, restrictedOf } from '../claim/restricted.ts';
import { submitAuthorization } from '../authorization/submitAuthorization.ts';
import { keepExpected } from '../contract/expectation.ts';
import { adoptClaim } from '../claim/adoptClaim.ts';
import { resendLock, submissionJobKey } from '../uniqueKey.ts';
import { tableEditsLeft } from '../table/editsLeft.ts';
import { raiseTask } from '../worklist/task.ts';
import { answersTo, awaitsCorrection } from './answers.ts';
import { gatewayOf, isNamed, type NamedGateway } from './gatewayOf.ts';
import { handOver, isOnItsWay, queue, type Begun } from './handOver.ts';
import { noteTexts } from './noted.ts';
import { reasonToSend } from './reasonToSend.ts';
import { answerOf } from './recordAnswer.ts';
import { readKnown } from './readKnown.ts';
import { scrubClaim } from './scrubClaim.ts';
import { writeAsSent } from './writeAsSent.ts';
import { readSubmission, type Submission } from './submission.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };

/**
 * Makes a claim ready to be sent, with a job that brings it to its payer. A claim that was answered gives the same
 * answer again; one that waits goes on when what was asked for has been given. See docs/model.md
 */
export async function submitClaim(
  call: Call,
  claim: Stored<Claim>,
  answeredOn?: string,
): Promise<Stored<ClaimResponse> | Begun> {
  if (claim.use === 'preauthorization') return submitAuthorization(call, claim);
  const reference = referenceText(claim);
  const earlier = await answerOf(call, claim);
  const job = await call.tx.jobs.read(submissionJobKey(reference));
  if (isOnItsWay(job)) return onItsWay(call, claim, earlier);
  const reason = await reasonToSend(call, { claim, earlier, job });
  if (earlier && !reason) return earlier;
  if (earlier) await call.tx.lock(resendLock(reference));
  refuseUnfit(claim);
  refuseReceived(claim);
  await refuseTold(call, claim);
  const isFirst = earlier === undefined;
  if (isFirst) await refuseReversed(call, reference);
  const edits = await editsOfClaim(call.tx, claim);
  if (isFirst) refuseHeld(claim, edits);
  if (isFirst) refuseCrossed(claim, call.today);
  // what the payer has seen stays as it was sent; what it never judged is sent as it is now
  const anew = isFirst || reason === 'mended' ? withoutVersions(claim) : claim;
  const billed = isFirst ? await adoptClaim(call, changed(anew, { created: call.on })) : anew;
  const { found, notes } = await fitToSend(call, billed, { sent: !isFirst, edits });
  const way = await gatewayOf(call, found.payer, found.claim);
  const named = isNamed(way) ? way : undefined;
  refuseAnswerDate(named, answeredOn);
  const submission = isFirst
    ? await place(call, found)
    : anew === claim
      ? found
      : { ...found, claim: await writeAsSent(call, found.claim) };
  if (named) return handOver(call, submission, { named, reason, answeredOn, notes, earlier, job });
  if (way) await holdForEnrollment(call, submission);
  return earlier ?? queue(call, submission, way ? 'not-enrolled' : 'not-connected', notes);
}

/** The claim waits until somebody has enrolled the practice with the payer's trading partner. */
const holdForEnrollment = (call: Call, { claim }: Submission): Promise<void> =>
  raiseTask(call, {
    code: 'enrollment',
    focus: referenceText(claim),
    detail: '',
    text: 'no active enrolment of the practice reaches the payer: enter it, and $submit sends the claim',
    patient: unversionedText(claim.patient.reference) ?? '',
    encounter: claim.item?.find((item) => item.encounter)?.encounter?.[0]?.reference,
  });

/** What to answer of a claim that a job is at: it is awaited, but in a larger transaction nobody waits. */
async function onItsWay(
  call: Call,
  claim: Stored<Claim>,
  earlier: Stored<ClaimResponse> | undefined,
): Promise<Stored<ClaimResponse> | Begun> {
  if (!call.isPart) return { claim: referenceText(claim) };
  if (earlier) return earlier;
  const { submission, faults } = await readSubmission(call.tx, claim, { sent: true });
  if (!submission) throw unprocessable(faults);
  return queue(call, submission, 'waiting');
}

function refuseAnswerDate(named: NamedGateway | undefined, answeredOn: string | undefined): void {
  if (answeredOn === undefined || named?.gateway.honoursAnsweredOn === true) return;
  const text = 'the payer of this claim answers when it does: leave answeredOn out';
  const place = "Parameters.parameter.where(name='answeredOn').value";
  throw unprocessable([businessFault('answer-date-not-supported', place, text)]);
}

/** A claim whose answer was taken back is with its payer: it is not sent again by itself. */
async function refuseReversed({ tx }: Call, reference: string): Promise<void> {
  if (!awaitsCorrection(await answersTo(tx, reference))) return;
  const text = `the payer took its answer to ${reference} back: its correction is awaited`;
  throw conflict('answer-reversed', text, 'Claim');
}

/** A payer that got the claim from the payer before answers it: sent by us as well it would be a duplicate. */
function refuseCrossed(claim: Stored<Claim>, today: string): void {
  const until = extensionOf(claim, extension.crossedOver)?.valueDate;
  if (until === undefined || today >= until) return;
  const text = `the payer before sent ${referenceText(claim)} on: without an answer it may be sent from ${until} on`;
  throw unprocessable([businessFault('claim-crossed-over', 'Claim', text)]);
}

/** A claim that came in as an 837 is a payer's to judge, or history: nobody sends it from here. */
function refuseReceived(claim: Stored<Claim>): void {
  if (!extensionOf(claim, extension.x12Position)) return;
  const text = `${referenceText(claim)} came in as an 837: it is not sent from here`;
  throw conflict('claim-received', text, 'Claim');
}

function refuseUnfit(claim: Stored<Claim>): void {
  if (claim.status !== 'draft' && claim.status !== 'active') {
    throw conflict('claim-not-submittable', `${referenceText(claim)} is ${claim.status}`, 'Claim.status');
  }
  if (claim.use !== 'claim') {
    throw unprocessable([
      businessFault('use-not-supported', 'Claim.use', 'only claims are sent, no predeterminations'),
    ]);
  }
}

/** Nothing more is told of what the patient pays himself by his Consent; what was told before can be taken back. */
async function refuseTold(call: Call, claim: Stored<Claim>): Promise<void> {
  const restricted = isVoidClaim(claim) ? [] : [...(await restrictedOf(call, claim))];
  if (restricted.length > 0) throw restrictedError(restricted);
}

function refuseHeld(claim: Stored<Claim>, { edits }: KeptEdits): void {
  if (!holdOf(edits)) return;
  const text = `${referenceText(claim)} is held: $edit it (hold false) to send it`;
  throw unprocessable([businessFault('claim-held', 'Claim', text)]);
}

/** The claim with what it refers to, and what the scrub warns of; 422 with every fault, and nothing is sent. */
async function fitToSend(
  call: Call,
  claim: Stored<Claim>,
  { sent, edits }: { readonly sent: boolean; readonly edits: KeptEdits },
): Promise<{ found: Submission; notes: string[] }> {
  const known = await readKnown(call.tx, claim);
  const issues = await scrubClaim(call, claim, { known, edits });
  const { submission, faults } = await readSubmission(call.tx, claim, { sent, known });
  const codes = new Set(issues.map(codeOfIssue));
  const further = faults.filter((f) => !codes.has(codeOfIssue(f)));
  // of a void nothing is judged that a table could say
  const left = isVoidClaim(claim) ? undefined : await tableEditsLeft(call, claim);
  const told = left === undefined ? [] : [decided('scrubbed', 'Claim', left)];
  if (issues.some(isFault) || !submission) throw unprocessable([...issues, ...further, ...told]);
  const warned = issues.filter((i) => i.severity === 'warning');
  return { found: submission, notes: noteTexts([...told, ...warned]) };
}

/** The claim goes out: it is active, its charges are billed, and their money stands with the payer. */
async function place(call: Call, submission: Submission): Promise<Submission> {
  const { context, tx, on } = call;
  const { charges, account, payer } = submission;
  const claim = await writeAsSent(call, submission.claim);
  // what the corrected claim billed stands there until its payer takes it back
  const placed = charges.filter(({ isBefore }) => isBefore !== true);
  for (const { charge } of placed) await updateResource(context, tx, changed(charge, { status: 'billed' }));
  if (placed.length > 0) {
    const lines = placed.map(({ charge, ...line }) => ({ ...line, charge: referenceText(charge) }));
    const cause = versionText(claim);
    const head = { id: context.newId(), on, account, cause };
    await post(call, claimSubmitted({ ...head, claim: referenceText(claim), payer, lines }));
  }
  await keepExpected(call, { ...submission, claim });
  return { ...submission, claim };
}
