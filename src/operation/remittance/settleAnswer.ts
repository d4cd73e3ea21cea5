import type { Claim, ClaimResponse, ExplanationOfBenefit, Organization, Coverage } from '@medplum/fhirtypes';
import { worklist } from '../../billing/denial/worklist.ts';
import { explain } from '../../billing/explanation/explain.ts';
import { betweenOthers } from '../../billing/explanation/related.ts';
import { balance, decides, inOrder, claimRemitted, type RemittedLine } from '../../billing/ledger/index.ts';
import { isForwarded, type AdviceClaim, type AdviceParty } from '../../billing/remittance/advice.ts';
import { classOf, type ClassRow } from '../../billing/remittance/adjustmentClass.ts';
import { sourceOf } from '../../billing/remittance/reconciliation.ts';
import { treated } from '../../billing/remittance/treated.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { addDays } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { changed, without } from '../../datatypes/json.ts';
import { createResource, find, resolve, updateResource } from '../../interaction/repository.ts';
import { priorClaimOf } from '../../terminology/claimFrequency.ts';
import { extension } from '../../terminology/system.ts';
import { judgeExpected } from '../contract/expectation.ts';
import { judgeDenials } from '../denial/judgeDenials.ts';
import { draftNextClaim } from '../claim/draftNextClaim.ts';
import { keepCostShareOff } from '../invoice/costShare.ts';
import { keepAnswer } from '../submission/answers.ts';
import { followUp, usualDaysOf } from '../submission/followUp.ts';
import { profileParties } from '../submission/profileParties.ts';
import { facilityOf, followSubmission, otherCarriers } from '../submission/recordAnswer.ts';
import { readPriors } from '../submission/submission.ts';
import { awaitedAnswerKey, holderOf, releaseKey, reserveKey, taskKey } from '../uniqueKey.ts';
import { withReasonTexts } from '../table/reasonTexts.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import type { Desk } from './desk.ts';
import { billAgain } from './billAgain.ts';
import { postAgain } from './postAgain.ts';
import { append, takeEntriesBack, type Books } from './takeBack.ts';
import { takePlace } from './takePlace.ts';

type Stored<T> = T & { id: string };

/** An answer that decides a claim, and the answers there were. */
export interface ToSettle {
  readonly response: ClaimResponse;
  readonly remitted: AdviceClaim;
  readonly answers: readonly Stored<ClaimResponse>[];
}

/**
 * Writes an answer that decides a claim with all that follows: explanation, journal, the next payer's draft, Tasks. It
 * takes the place of the queued answer there was; a decided one stays as it is, and this one stands beside it.
 */
export async function settleAnswer(
  desk: Desk,
  books: Books,
  { response: unnamed, remitted, answers }: ToSettle,
): Promise<Stored<ClaimResponse>> {
  const { call } = desk;
  const made = await withReasonTexts(call, unnamed);
  const { context, tx } = call;
  const name = referenceText(books.claim);
  await take(call, books);
  await takePlace(desk, books);
  const queued = answers.find((a) => a.status === 'active' && a.outcome !== 'complete');
  const response = queued
    ? await updateResource(context, tx, changed(made, { id: queued.id }))
    : await createResource(context, tx, made);
  if (!queued) await keepAnswer(tx, name, { count: answers.length, response: referenceText(response) });
  const explanation = await explainAnswer(desk, books, {
    response,
    isFirst: !answers.some((a) => a.id !== queued?.id),
  });
  const deciding = [...answers.filter((a) => decides(a) && a.id !== response.id), response];
  await postInOrder(desk, books, { deciding, added: response });
  const next = await nextOf(call, books, response, remitted);
  await followSubmission(call, { claim: books.claim }, response);
  await judgeExpected(call, books.claim, { deciding: inOrder(deciding), before: answers });
  if (answers.length > (queued ? 1 : 0) || priorClaimOf(books.claim))
    await judgeDenials(call, books.claim, changed(response, { id: response.id }));
  await raiseWork(desk, books, { response, remitted, followed: next !== undefined });
  if (!next)
    await keepCostShareOff(call, { claim: books.claim, response, account: books.account, on: call.on });
  const awaited = await holderOf(tx, taskKey('correction-awaited', name));
  if (awaited && awaited.status !== 'completed') await closeTask(call, awaited);
  if (answers.length > 0) await billAgain(call, books, explanation);
  await postWaiting(call, name);
  return response;
}

/** A payment that held the reversal of this answer, for it had come before it, is posted again. */
async function postWaiting(call: Desk['call'], claim: string): Promise<void> {
  const key = awaitedAnswerKey(claim);
  const waiting = await holderOf(call.tx, key);
  const source = waiting && sourceOf(waiting);
  if (!waiting || !source) return;
  await releaseKey(call.tx, key);
  await postAgain(call, { remittance: referenceText(waiting), on: call.on, source });
}

/** A claim that its payer got from the payer before is sent, though not by us. */
async function take({ context, tx, on }: Desk['call'], books: { claim: Stored<Claim> }): Promise<void> {
  if (books.claim.status !== 'draft') return;
  const left = (books.claim.extension ?? []).filter((e) => e.url !== extension.crossedOver);
  const sent = changed(without(books.claim, 'extension'), {
    ...(left.length > 0 ? { extension: left } : {}),
    status: 'active' as const,
    created: on,
  });
  Object.assign(books, {
    claim: await updateResource<Claim>(context, tx, changed(sent, { id: books.claim.id })),
  });
}

async function explainAnswer(
  { call, reconciliation }: Desk,
  { claim }: Books,
  { response, isFirst }: { readonly response: Stored<ClaimResponse>; readonly isFirst: boolean },
): Promise<Stored<ExplanationOfBenefit>> {
  const { context, tx } = call;
  const { priors } = await readPriors(tx, claim);
  const carriers = await otherCarriers(call, claim);
  const facility = await facilityOf(call, claim);
  const made = explain({ claim, response, priors, carriers, ...(facility ? { facility } : {}) });
  const before = isFirst ? undefined : await lastExplanation(call, claim);
  const numbered = changed(made, {
    extension: [
      ...(made.extension ?? []),
      { url: extension.remittance, valueReference: { reference: referenceText(reconciliation) } },
      ...(response.extension ?? []).filter((e) => e.url === extension.x12Position),
    ],
  });
  const explained = before ? betweenOthers(numbered, { before }) : numbered;
  const written = await createResource(context, tx, await withReasonTexts(call, explained));
  await profileParties(call, claim, facility);
  return written;
}

/** The last explanation of a claim, those that take another back apart. */
export const lastExplanation = async (
  { tx }: Desk['call'],
  claim: Claim,
): Promise<Stored<ExplanationOfBenefit> | undefined> =>
  (await find<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', { claim: referenceText(claim) }))
    .flatMap((e) => (e.id === undefined ? [] : [changed(e, { id: e.id })]))
    .findLast((e) => e.status === 'active' && !extensionOf(e, extension.reverses));

/**
 * Posts an answer so that the balances are those of all answers in their order: what comes after it in that order and
 * was posted before is taken back and posted again.
 */
export async function postInOrder(
  desk: Desk,
  books: Books,
  of: {
    readonly deciding: readonly Stored<ClaimResponse>[];
    readonly added?: Stored<ClaimResponse>;
    /** Answers whose entries were taken back already. */
    readonly freed?: ReadonlySet<string>;
  },
): Promise<void> {
  const { deciding, added, freed = new Set() } = of;
  const sorted = inOrder(deciding);
  const at = added ? sorted.findIndex((a) => a.id === added.id) : 0;
  const again = added ? sorted.slice(at + 1) : sorted.filter((a) => freed.has(a.id));
  for (const later of added ? again.toReversed() : [])
    await takeEntriesBack(desk.call, books, { response: referenceText(later), cause: versionText(later) });
  for (const answer of [...(added ? [added] : []), ...again]) await postAnswer(desk, books, answer);
}

/** The entries of one answer, on what stands now. */
async function postAnswer(desk: Desk, books: Books, response: Stored<ClaimResponse>): Promise<void> {
  const { call, classes } = desk;
  const { claim, account } = books;
  const payer = claim.insurer?.reference ?? response.insurer.reference ?? '';
  const next = await draftNextClaim(call, claim, response);
  await append(
    call,
    books,
    claimRemitted(books.journal, {
      ...{ newId: call.context.newId, on: call.on, account, claim: referenceText(claim), payer },
      cause: versionText(response),
      remittance: extensionOf(response, extension.remittance)?.valueReference?.reference,
      lines: linesOf(claim, response, { classes, payer }),
      ...(next ? { next: { claim: referenceText(next), payer: next.insurer?.reference ?? '' } } : {}),
    }),
  );
}

function linesOf(
  claim: Claim,
  response: ClaimResponse,
  of: { readonly classes: readonly ClassRow[]; readonly payer: string },
): RemittedLine[] {
  const notes = new Map((response.processNote ?? []).map((n) => [n.number, n.text]));
  const everywhere = new Set(response.item?.flatMap((i) => i.noteNumber ?? []) ?? []);
  const general = [...notes].filter(([n]) => n === undefined || !everywhere.has(n)).map(([, text]) => text);
  return adjudicated(response).map((line) => {
    const own = response.item?.find((i) => i.itemSequence === line.sequence)?.noteNumber ?? [];
    const remarks = [...general, ...own.flatMap((n) => notes.get(n) ?? [])];
    const encounter = claim.item?.find((i) => line.sequence === undefined || i.sequence === line.sequence)
      ?.encounter?.[0]?.reference;
    return { ...treated(line, { remarks, payer: of.payer }, of.classes), encounter };
  });
}

/** The draft of the further payer; where he got the claim from this one, it is kept from being sent. */
async function nextOf(
  call: Desk['call'],
  { claim }: Books,
  response: Stored<ClaimResponse>,
  remitted: AdviceClaim,
): Promise<Stored<Claim> | undefined> {
  const next = await draftNextClaim(call, claim, response);
  if (!next || next.status !== 'draft' || !isForwarded(remitted)) return next;
  const coverage = next.insurance.find((i) => i.focal)?.coverage;
  const payor = (await resolve<Coverage>(call.tx, 'Coverage', coverage))?.payor[0];
  const organization = await resolve<Organization>(call.tx, 'Organization', payor);
  if (remitted.crossover && !isNamed(remitted.crossover, organization)) return next;
  const until = { url: extension.crossedOver, valueDate: addDays(call.on, usualDaysOf(organization)) };
  const kept = (next.extension ?? []).filter((e) => e.url !== extension.crossedOver);
  // without an answer in the days of the payer it is released to be sent by us
  await followUp(call, {
    ...{ claim: referenceText(next), gateway: '', transmission: '', now: call.context.now() },
    payer: payor?.reference ?? '',
  });
  return updateResource<Claim>(
    call.context,
    call.tx,
    changed(next, { id: next.id, extension: [...kept, until] }),
  );
}

/** Whether the carrier that a claim crossed over to is the payer of the next coverage: by a number, else by name. */
function isNamed(party: AdviceParty, organization: Organization | undefined): boolean {
  if (!organization) return false;
  const numbers = new Set((organization.identifier ?? []).map((i) => i.value));
  if (party.ids.some(({ value }) => numbers.has(value))) return true;
  if (party.ids.length > 0) return false;
  const plain = (text: string | undefined): string => (text ?? '').toLowerCase().replace(/[^a-z0-9]/g, '');
  return plain(party.name) !== '' && plain(party.name) === plain(organization.name);
}

/** Denials to work, coverage to look for, and money that nothing stood against. */
async function raiseWork(
  desk: Desk,
  { claim, journal }: Books,
  {
    response,
    remitted,
    followed,
  }: { readonly response: Stored<ClaimResponse>; readonly remitted: AdviceClaim; readonly followed: boolean },
): Promise<void> {
  const { call, classes } = desk;
  const { context, tx } = call;
  const payer = claim.insurer?.reference ?? '';
  if (claim.status === 'cancelled') {
    await raiseTask(call, {
      ...{ code: 'answer-review', focus: referenceText(claim), detail: '' },
      text: 'the payer answered a claim that counts no longer: what it decided is posted, find out what is to be done',
      patient: claim.patient.reference,
      encounter: claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference,
    });
  }
  const toWork = new Set(['denial', 'bundled', 'paid-to-patient']);
  const groups = new Map(
    [...remitted.adjustments, ...remitted.lines.flatMap((l) => l.adjustments)].map(
      (a) => [a.reason, a] as const,
    ),
  );
  for (const { code, detail, task } of worklist({ claim, response, followed })) {
    const of = groups.get(detail);
    if (code === 'denial' && of && !toWork.has(classOf(of, { remarks: remitted.remarks, payer }, classes)))
      continue;
    const key = taskKey(code, referenceText(claim), detail);
    if (await holderOf(tx, key)) continue;
    const named = await withReasonTexts(call, task);
    await reserveKey(tx, key, referenceText(await createResource(context, tx, named)));
  }
  const isExcess = balance(journal, { account: 'unapplied-payer-credit', claim: referenceText(claim) }) < 0;
  if (isExcess)
    await raiseTask(call, {
      ...{ code: 'paid-again', focus: referenceText(claim), detail: response.id },
      text: 'the payer paid more than stood on the claim: the rest is owed back, or its reversal is to come',
      patient: claim.patient.reference,
      encounter: claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference,
    });
}
