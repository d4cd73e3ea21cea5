import type { ClaimResponse } from '@medplum/fhirtypes';
import { reversedExplanation } from '../../billing/explanation/reversal.ts';
import { betweenOthers, numberedApart } from '../../billing/explanation/related.ts';
import type { AdviceClaim } from '../../billing/remittance/advice.ts';
import { answerOfClaim } from '../../billing/remittance/answered.ts';
import { adjudicated } from '../../datatypes/adjudication.ts';
import { negate, sum, toText } from '../../datatypes/cents.ts';
import { addDays } from '../../datatypes/date.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource, find, updateResource } from '../../interaction/repository.ts';
import type { ExplanationOfBenefit } from '@medplum/fhirtypes';
import { extensionOf } from '../../datatypes/extension.ts';
import { extension, system } from '../../terminology/system.ts';
import { decides } from '../../billing/ledger/index.ts';
import { answersTo } from '../submission/answers.ts';
import { followUp } from '../submission/followUp.ts';
import { awaitedAnswerKey, holderOf, reserveKey, taskKey } from '../uniqueKey.ts';
import { raiseTask } from '../worklist/task.ts';
import { billAgain } from './billAgain.ts';
import type { Desk } from './desk.ts';
import { followCorrection } from './followCorrection.ts';
import { reverseFormer } from './reverseFormer.ts';
import { postInOrder } from './settleAnswer.ts';
import { cancelAnswer, reviewFollowers, takeEntriesBack, type Books, type TakenBack } from './takeBack.ts';

type Stored<T> = T & { id: string };

/** Days until a person asks after a correction that did not come. */
const correctionDays = 14;

/**
 * A payer takes an answer back (CLP02 22): exactly its entries are mirrored, the answer is cancelled, and a record of
 * the reversal with every sign turned stands beside it. Until a correction comes nothing is asked of anybody. Rule 62.
 */
export async function reverseAnswer(
  desk: Desk,
  books: Books,
  remitted: AdviceClaim,
): Promise<Stored<ClaimResponse> | { readonly held: string }> {
  const { call, advice, reconciliation, source } = desk;
  const { context, tx } = call;
  const name = referenceText(books.claim);
  const answers = await answersTo(tx, name);
  const deciding = answers.filter(decides);
  const target = targetOf(deciding, remitted);
  const isNamed = target !== undefined && payerNumberOf(target) === remitted.payerControlNumber;
  const former = isNamed ? undefined : await reverseFormer(desk, books, { remitted, answers });
  if (former && !('held' in former)) {
    if (deciding.length === 0) await awaitCorrection(desk, books);
    else await billAgain(call, books);
    return former;
  }
  if (!target) {
    const waiting = awaitedAnswerKey(name);
    if (!(await holderOf(tx, waiting))) await reserveKey(tx, waiting, referenceText(reconciliation));
    return former && deciding.length === 0 ? former : { held: whyNone(deciding, remitted) };
  }
  const made = answerOfClaim({
    ...{ advice, remitted, claim: books.claim, on: call.on, kind: 'reversal' },
    remittance: referenceText(reconciliation),
    reverses: referenceText(target),
    ...(source?.hash === undefined ? {} : { interchange: source.hash }),
  });
  const record = await createResource(context, tx, made);
  await cancelAnswer(call, changed(target, { id: target.id }));
  await takeExplanationBack(call, target, record);
  const left = deciding.filter((a) => a.id !== target.id);
  const undone = await undoAnswer(desk, books, {
    ...{ target, left, cause: versionText(record) },
    remittance: referenceText(reconciliation),
  });
  await reviewFollowers(call, books, undone);
  const now = left.length === 0 ? await followCorrection(desk, books) : undefined;
  if (left.length === 0 && !now) await awaitCorrection(desk, books);
  await billAgain(call, now ?? books);
  return record;
}

const payerNumberOf = (response: ClaimResponse): string | undefined =>
  identifierOf(response, system.payerClaimControlNumber);
const submittedOf = (response: ClaimResponse) => sum(adjudicated(response).map((l) => l.submitted));
const paidOf = (response: ClaimResponse) => sum(adjudicated(response).map((l) => l.paid));

/** The answer that is mirrored: same charge and payment; where several are alike, the one of its payer's number, the last. */
function targetOf(
  deciding: readonly Stored<ClaimResponse>[],
  remitted: AdviceClaim,
): Stored<ClaimResponse> | undefined {
  const alike = deciding.filter(
    (a) => submittedOf(a) === negate(remitted.charge) && paidOf(a) === negate(remitted.paid),
  );
  const numbered = alike.filter((a) => payerNumberOf(a) === remitted.payerControlNumber);
  return (numbered.length > 0 ? numbered : alike).at(-1);
}

function whyNone(deciding: readonly ClaimResponse[], remitted: AdviceClaim): string {
  const last = deciding.at(-1);
  if (!last) return 'it takes back an answer that was never posted';
  return `it takes ${toText(negate(remitted.paid))} of ${toText(negate(remitted.charge))} back, and ${toText(paidOf(last))} of ${toText(submittedOf(last))} was posted`;
}

/** Takes an answer's entries back, and those of later answers with it, which are posted again without it. */
export async function undoAnswer(
  desk: Desk,
  books: Books,
  of: {
    readonly target: Stored<ClaimResponse>;
    readonly left: readonly Stored<ClaimResponse>[];
    readonly cause: string;
    readonly remittance?: string;
  },
): Promise<TakenBack> {
  const { target, left, cause, remittance } = of;
  const invoices: string[] = [];
  const followers: string[] = [];
  const freed = new Set<string>();
  const collect = (undone: TakenBack): void => {
    invoices.push(...undone.invoices);
    followers.push(...undone.followers);
  };
  for (const other of left.toReversed()) {
    const response = referenceText(other);
    collect(await takeEntriesBack(desk.call, books, { response, cause: versionText(other) }));
    freed.add(other.id);
  }
  const by = remittance === undefined ? { cause } : { cause, remittance };
  collect(await takeEntriesBack(desk.call, books, { response: referenceText(target), ...by }));
  if (left.length > 0) await postInOrder(desk, books, { deciding: left, freed });
  return { invoices, followers: stillWithout(books, followers) };
}

/** Claims to further payers on which nothing was placed again. */
const stillWithout = ({ journal }: Books, followers: readonly string[]): string[] =>
  followers.filter(
    (claim) =>
      journal
        .flatMap((e) => (e.reason === 'next-payer' || e.reason === 'answer-reversed' ? e.postings : []))
        .filter((p) => p.claim === claim)
        .reduce((t, p) => t + p.amount, 0) <= 0,
  );

/** The explanation of an answer is taken back by one with every sign turned. */
export async function takeExplanationBack(
  { context, tx }: Desk['call'],
  target: Stored<ClaimResponse>,
  record: Stored<ClaimResponse>,
): Promise<void> {
  const found = await find<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', {
    claim: target.request?.reference ?? '',
  });
  const of = found.findLast(
    (e) => e.claimResponse?.reference === referenceText(target) && !extensionOf(e, extension.reverses),
  );
  if (of?.id === undefined) return;
  const turned = numberedApart(reversedExplanation(changed(of, { id: of.id })), found.length);
  const remittance = extensionOf(record, extension.remittance);
  const own = (turned.extension ?? []).filter(
    (e) => e.url !== extension.remittance && e.url !== extension.x12Position,
  );
  const made = changed(turned, {
    extension: [...own, ...(remittance ? [remittance] : [])],
    claimResponse: { reference: referenceText(record) },
    related: [],
  });
  await createResource(context, tx, betweenOthers(made, { before: of }));
}

/** The claim is with its payer again: its submission says so, and a person asks after the correction in time. */
export async function awaitCorrection(
  { call }: Pick<Desk, 'call'>,
  { claim }: Pick<Books, 'claim'>,
): Promise<void> {
  const { context, tx, on } = call;
  const name = referenceText(claim);
  const submission = await holderOf(tx, taskKey('submission', name));
  if (submission)
    await updateResource(
      context,
      tx,
      changed(submission, {
        status: 'in-progress' as const,
        businessStatus: { coding: [{ system: system.claimState, code: 'reversed' }], text: 'reversed' },
      }),
    );
  // nobody may look at the Task: after these days a job asks again, until there is a correction
  await followUp(call, {
    ...{ claim: name, gateway: '', transmission: '', now: context.now(), days: correctionDays },
    payer: claim.insurer?.reference ?? '',
  });
  await raiseTask(call, {
    ...{ code: 'correction-awaited', focus: name, detail: '' },
    text: `the payer took its answer back: where no correction came by ${addDays(on, correctionDays)}, ask for it`,
    patient: claim.patient.reference,
    encounter: claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference,
  });
}
