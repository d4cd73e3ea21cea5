import type { ClaimResponse } from '@medplum/fhirtypes';
import { answerOfClaim } from '../../billing/remittance/answered.ts';
import type { AdviceClaim } from '../../billing/remittance/advice.ts';
import { decides, formerAnswerReversed, inOrder } from '../../billing/ledger/index.ts';
import { formerlyPaid, openOf } from '../../billing/opening/broughtForward.ts';
import { centsOf, negate, subtract, sum, toText, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import { raiseTask } from '../worklist/task.ts';
import type { Desk } from './desk.ts';
import { postInOrder } from './settleAnswer.ts';
import { append, takeEntriesBack, type Books } from './takeBack.ts';

type Stored<T> = T & { id: string };
type Reversed = Stored<ClaimResponse> | { readonly held: string };

/**
 * A payer takes back what it had paid to the former system (CLP02 22 without an answer of ours): all that was settled
 * there is with the payer again, the money comes out of the deposit. Undefined where the claim is no former system's.
 */
export async function reverseFormer(
  desk: Desk,
  books: Books,
  {
    remitted,
    answers,
  }: { readonly remitted: AdviceClaim; readonly answers: readonly Stored<ClaimResponse>[] },
): Promise<Reversed | undefined> {
  const { call, advice, reconciliation, source } = desk;
  const { context, tx } = call;
  const { claim } = books;
  const open = openOf(claim);
  if (open === undefined) return undefined;
  const paid = negate(remitted.paid);
  const settled = wasReversed(books) ? zero : subtract(centsOf(claim.total) ?? zero, open);
  const fault = faultOf(books, { remitted, settled, paid });
  if (fault !== undefined) return { held: fault };
  const queued = answers.find((a) => a.status === 'active' && a.outcome !== 'complete');
  const remittance = referenceText(reconciliation);
  const record = await createResource(
    context,
    tx,
    answerOfClaim({
      ...{ advice, remitted, claim, on: call.on, kind: 'reversal', remittance },
      ...(queued ? { reverses: referenceText(queued) } : {}),
      ...(source?.hash === undefined ? {} : { interchange: source.hash }),
    }),
  );
  // what was decided since, and came first, is posted again on what stands now
  const deciding = inOrder(answers.filter(decides));
  for (const answer of deciding.toReversed())
    await takeEntriesBack(call, books, { response: referenceText(answer), cause: versionText(answer) });
  await append(call, books, [
    formerAnswerReversed({
      ...{ id: context.newId(), on: lastOf(books, call.on), account: books.account },
      ...{ cause: versionText(record), claim: referenceText(claim), payer: claim.insurer?.reference ?? '' },
      ...{ remittance, settled, paid },
    }),
  ]);
  await postInOrder(desk, books, { deciding, freed: new Set(deciding.map((a) => a.id)) });
  if (shareOf(remitted) !== 0) await reviewShare(call, books, shareOf(remitted));
  return record;
}

const isOf = ({ claim }: Books, e: Entry): boolean =>
  e.postings.some((p) => p.claim === referenceText(claim));

const wasReversed = (books: Books): boolean =>
  books.journal.some((e) => e.reason === 'former-answer-reversed' && isOf(books, e));

const lastOf = (books: Books, on: string): string =>
  books.journal.reduce((day, e) => (isOf(books, e) && e.on > day ? e.on : day), on);

function faultOf(
  { claim }: Books,
  of: { readonly remitted: AdviceClaim; readonly settled: Cents; readonly paid: Cents },
): string | undefined {
  const { remitted, settled, paid } = of;
  const charge = centsOf(claim.total) ?? zero;
  if (negate(remitted.charge) !== charge)
    return `it takes a charge of ${toText(negate(remitted.charge))} back, and the former system sent ${toText(charge)}`;
  if (paid < 0 || paid > settled)
    return `it takes ${toText(paid)} back, and the former system had settled ${toText(settled)}: ask the payer, or $write-off and $post by hand`;
  const told = formerlyPaid(claim);
  if (told.length > 0 && paid !== sum(told) && !told.includes(paid))
    return `it takes ${toText(paid)} back, and the former system had got ${told.map(toText).join(', ')}`;
  return undefined;
}

const shareOf = ({ adjustments, lines }: AdviceClaim): Cents =>
  sum(
    [...adjustments, ...lines.flatMap((l) => l.adjustments)]
      .filter((a) => a.group === 'PR')
      .map((a) => a.amount),
  );

/** What the former answer had left to the patient was asked for there, or was brought forward: a person looks at it. */
const reviewShare = (call: Desk['call'], { claim, account }: Books, share: Cents): Promise<void> =>
  raiseTask(call, {
    ...{ code: 'reversal-review', focus: referenceText(claim), detail: 'former-share' },
    text: `the payer took its answer back, which had left ${toText(negate(share))} to the patient in the former system: see what of it was brought forward to ${account}`,
    patient: claim.patient.reference?.split('/_history/')[0],
  });
