import type { Claim, ClaimResponse, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { decides, remittanceReversed } from '../../billing/ledger/index.ts';
import type { Advice } from '../../billing/remittance/advice.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { parseReference, referenceText, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { find, readResource, resolve, updateResource } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { businessFault } from '../../outcome/issue.ts';
import { extension } from '../../terminology/system.ts';
import { requireToSee } from '../call/callerView.ts';
import type { Call } from '../operation.ts';
import { answersTo } from '../submission/answers.ts';
import { providerAdjustedKey, releaseKey, remittanceKey, remittedKey } from '../uniqueKey.ts';
import { billAgain } from './billAgain.ts';
import { deskOf, type Desk } from './desk.ts';
import { claimOfNumber } from './matchClaim.ts';
import { awaitCorrection, takeExplanationBack, undoAnswer } from './reverseAnswer.ts';
import { cancelAnswer, reviewFollowers, type Books } from './takeBack.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };

/**
 * Takes a payment back that should not have been posted: every answer it gave is taken back, its deposit and its
 * adjustments are reversed, and its numbers are free, so that it may come again.
 */
export async function reverseRemittance(
  call: Call,
  reconciliation: Stored<PaymentReconciliation>,
  of: { readonly advice: Advice; readonly source: Desk['source']; readonly reason: string },
): Promise<Stored<PaymentReconciliation>> {
  const { context, tx, on } = call;
  const { advice, source, reason } = of;
  const name = referenceText(reconciliation);
  const answers = await answersOf(call, reconciliation);
  await requireToSee(
    call.view,
    answers.flatMap((a) => a.request?.reference ?? []),
  );
  refuse(name, answers);
  const cancelled = await updateResource(
    context,
    tx,
    changed(reconciliation, { status: 'cancelled' as const, disposition: `taken back: ${reason}` }),
  );
  const desk = await deskOf(call, { advice, reconciliation: cancelled, source });
  for (const answer of answers.toReversed()) await takeBack(desk, answer);
  const cause = versionText(cancelled);
  for (const entry of remittanceReversed(await ownEntries(desk), {
    ...{ newId: context.newId, on, cause },
  }))
    await post(call, entry);
  await free(desk);
  for (const task of await find<Task>(tx, 'Task', { focus: name }))
    if (task.id !== undefined && (task.status === 'requested' || task.status === 'in-progress'))
      await updateResource(context, tx, changed(task, { id: task.id, status: 'cancelled' as const }));
  return cancelled;
}

async function answersOf(
  { tx }: Call,
  { detail = [] }: PaymentReconciliation,
): Promise<Stored<ClaimResponse>[]> {
  const found: Stored<ClaimResponse>[] = [];
  for (const { response } of detail) {
    const id = parseReference(response?.reference)?.id;
    const answer = await resolve<ClaimResponse>(tx, 'ClaimResponse', response);
    if (answer && id !== undefined) found.push(changed(answer, { id }));
  }
  return found;
}

/** What was built upon it would fall with it: later things are taken back first. */
function refuse(name: string, answers: readonly ClaimResponse[]): void {
  if (answers.some((a) => extensionOf(a, extension.answerKind)?.valueCode === 'reversal')) {
    const text = `${name} took earlier answers back: ask the payer to send them again instead`;
    throw unprocessable([businessFault('remittance-holds-reversal', 'PaymentReconciliation', text)]);
  }
  if (answers.some((a) => a.status === 'cancelled')) {
    const text = `a later remittance took an answer of ${name} back: take that one back first`;
    throw conflict('answer-reversed', text, 'PaymentReconciliation');
  }
}

async function takeBack(desk: Desk, answer: Stored<ClaimResponse>): Promise<void> {
  const { call } = desk;
  const id = parseReference(answer.request?.reference)?.id ?? '';
  const sent = await readResource<Claim>(call.tx, 'Claim', id);
  const claim = withoutVersions(changed(sent, { id }));
  const cancelled = await cancelAnswer(call, answer);
  if (!decides(answer)) return;
  const account = extensionOf(claim, extension.account)?.valueReference?.reference ?? '';
  const books: Books = { claim, account, journal: await call.tx.journal(account) };
  const left = (await answersTo(call.tx, referenceText(claim))).filter(decides);
  const undone = await undoAnswer(desk, books, { target: answer, left, cause: versionText(cancelled) });
  await takeExplanationBack(call, answer, cancelled);
  await reviewFollowers(call, books, undone);
  if (left.length === 0) await awaitCorrection(desk, books);
  await billAgain(call, books);
}

/** The deposit, and the adjustments where they stand: in its own books and in those of the claims they name. */
async function ownEntries(desk: Desk) {
  const { tx, view } = desk.call;
  const { advice } = desk;
  const name = referenceText(desk.reconciliation);
  const accounts = new Set([name]);
  for (const adjustment of advice.adjustments) {
    if (adjustment.reference === undefined) continue;
    const claim = await claimOfNumber(tx, adjustment.reference, desk);
    if (claim) await requireToSee(view, [referenceText(claim)]);
    const account = claim && extensionOf(claim, extension.account)?.valueReference?.reference;
    if (account !== undefined) accounts.add(account);
  }
  const entries = [];
  for (const account of accounts)
    for (const e of await tx.journal(account))
      if (
        (e.reason === 'remittance-deposit' || e.reason === 'provider-adjustment') &&
        e.cause.startsWith(`${name}/`)
      )
        entries.push(e);
  return entries;
}

async function free({ call, payer, advice }: Desk): Promise<void> {
  const { tx } = call;
  await releaseKey(tx, remittanceKey(payer, advice.trace));
  for (const { ordinal } of advice.claims) await releaseKey(tx, remittedKey(payer, advice.trace, ordinal));
  for (const ordinal of [0, ...advice.adjustments.map((a) => a.ordinal)])
    await releaseKey(tx, providerAdjustedKey(payer, advice.trace, ordinal));
}
