import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { claimSubmitted } from '../../billing/ledger/index.ts';
import { unanswered } from '../../billing/submission/unanswered.ts';
import { has } from '../../datatypes/coding.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { updateResource } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, codeOfIssue, isFault, type Issue } from '../../outcome/issue.ts';
import { answer } from '../../payer/answer.ts';
import { system } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { adoptClaim } from '../claim/adoptClaim.ts';
import { holderOf, responseKey, taskKey } from '../uniqueKey.ts';
import { keepPayerRecords, readPayerRecords } from './payerRecords.ts';
import { isPended, recordAnswer } from './recordAnswer.ts';
import { scrubClaim } from './scrubClaim.ts';
import { readSubmission, type Submission } from './submission.ts';

type Stored<T> = T & { id: string };

/**
 * Sends a claim and writes the payer's answer with all that follows from it. A claim that was answered gives the same
 * answer again; one that waits goes on when what was asked for has been given. See docs/model.md
 */
export async function submitClaim(
  call: Call,
  claim: Stored<Claim>,
  answeredOn: string,
): Promise<Stored<ClaimResponse>> {
  const earlier = await answerOf(call, claim);
  const satisfied = earlier ? await hasWhatWasAsked(call, claim, earlier) : false;
  if (
    earlier &&
    (earlier.outcome !== 'queued' || call.context.payer === 'none' || (isPended(earlier) && !satisfied))
  ) {
    return earlier;
  }
  if (!earlier) refuseUnfit(claim);
  const billed = earlier ? claim : await adoptClaim(call, claim);
  const { found, warnings } = await fitToSend(call, billed, earlier !== undefined);
  const submission = earlier ? found : await send(call, found);
  if (call.context.payer === 'none') {
    return recordAnswer(call, submission, {
      response: noted(unanswered(claim, call.on), warnings),
    });
  }
  const records = await readPayerRecords(call, submission);
  const { coverage, priors } = submission;
  const reply = answer({ claim: submission.claim, coverage, priors, satisfied, answeredOn }, records);
  const response = await recordAnswer(call, submission, {
    response: noted(reply.response, warnings),
    ...(reply.takenBack === undefined ? {} : { takenBack: reply.takenBack }),
    ...(earlier ? { earlier } : {}),
  });
  await keepPayerRecords(call, submission, { before: records, after: reply.enrollment });
  return response;
}

const answerOf = ({ tx }: Call, claim: Stored<Claim>): Promise<Stored<ClaimResponse> | undefined> =>
  holderOf(tx, responseKey(referenceText(claim)));

/** What a pended answer asked for is given when its Task is completed or a document is attached; then the Task is too. */
async function hasWhatWasAsked(
  { context, tx }: Call,
  claim: Stored<Claim>,
  earlier: ClaimResponse,
): Promise<boolean> {
  if (!isPended(earlier)) return false;
  const task = await holderOf(tx, taskKey('information-requested', referenceText(claim)));
  if (task?.status === 'completed') return true;
  const attached =
    claim.supportingInfo?.some((s) => has(s.category, system.supportingInfo, 'attachment')) ?? false;
  if (attached && task) {
    await updateResource(context, tx, changed(task, { id: task.id, status: 'completed' }));
  }
  return attached;
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

/** The claim with what it refers to, and what the scrub warns of; 422 with every fault, and nothing is sent. */
async function fitToSend(
  call: Call,
  claim: Stored<Claim>,
  sent: boolean,
): Promise<{ found: Submission; warnings: Issue[] }> {
  const issues = await scrubClaim(call, claim);
  const { submission, faults } = await readSubmission(call.tx, claim, sent);
  const codes = new Set(issues.map(codeOfIssue));
  const further = faults.filter((f) => !codes.has(codeOfIssue(f)));
  if (issues.some(isFault) || !submission) throw unprocessable([...issues, ...further]);
  return { found: submission, warnings: issues.filter((i) => i.severity === 'warning') };
}

/** The claim goes out: it is active, its charges are billed, and their money stands with the payer. */
async function send(call: Call, submission: Submission): Promise<Submission> {
  const { context, tx, on } = call;
  const { charges, account, payer } = submission;
  const claim = await updateResource(context, tx, changed(submission.claim, { status: 'active' }));
  for (const { charge } of charges) await updateResource(context, tx, changed(charge, { status: 'billed' }));
  if (charges.length > 0) {
    const lines = charges.map(({ charge, ...line }) => ({ ...line, charge: referenceText(charge) }));
    const cause = versionText(claim);
    const head = { id: context.newId(), on, account, cause };
    await tx.append(claimSubmitted({ ...head, claim: referenceText(claim), payer, lines }));
  }
  return { ...submission, claim };
}

/** Our own warnings travel in the answer as notes for display; the payer's notes are for print. */
function noted(response: ClaimResponse, warnings: readonly Issue[]): ClaimResponse {
  if (warnings.length === 0) return response;
  const notes = response.processNote ?? [];
  const ours = warnings.map((w, i) => ({
    number: notes.length + i + 1,
    type: 'display' as const,
    text: `${codeOfIssue(w) ?? 'warning'}: ${w.details?.text ?? ''}`,
  }));
  return changed(response, { processNote: [...notes, ...ours] });
}
