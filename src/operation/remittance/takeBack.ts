import type { Claim, ClaimResponse, Invoice } from '@medplum/fhirtypes';
import {
  answerTakenBack,
  claimReplaced,
  entriesOfAnswer,
  placementsOn,
  shareFreed,
} from '../../billing/ledger/index.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { parseReference, referenceText, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { raiseTask } from '../worklist/task.ts';
import { claimKey, correctionKey, holderOf, releaseKey } from '../uniqueKey.ts';
import { orderOf, partOf } from '../../billing/claim/claimPlace.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };

/** What an answer is taken back from. */
export interface Books {
  readonly claim: Stored<Claim>;
  readonly account: string;
  journal: readonly Entry[]; // grows with what is posted
}

/** Why an Invoice of a share that was taken back is cancelled; its successor follows the correction. */
export const takenBackReason = 'the payer took its answer back';

export interface TakenBack {
  /** Invoices that were cancelled because of it. */
  readonly invoices: readonly string[];
  /** Claims to further payers that had got the share. */
  readonly followers: readonly string[];
}

/** Appends to the journal, and to what is known of it. */
export async function append(
  call: Pick<Call, 'context' | 'tx' | 'input'>,
  books: Books,
  entries: readonly Entry[],
): Promise<void> {
  const posted: Entry[] = [];
  for (const entry of entries) posted.push(await post(call, entry));
  books.journal = [...books.journal, ...posted];
}

/**
 * Takes the entries of an answer back, no more and no less. Its share must be free first: Invoices that ask for it are
 * cancelled, and what was paid on them is credit. `remittance` is the payment that takes the money back.
 */
export async function takeEntriesBack(
  call: Call,
  books: Books,
  of: {
    readonly response: string;
    readonly cause: string;
    readonly remittance?: string;
    readonly inCash?: true; // the payer takes the money without an 835
  },
): Promise<TakenBack> {
  const { context } = call;
  const claim = referenceText(books.claim);
  const answered = entriesOfAnswer(books.journal, { claim, response: of.response });
  const on = answered.reduce((last, e) => (e.on > last ? e.on : last), call.on);
  const head = { newId: context.newId, on, account: books.account, cause: of.cause };
  const latest = books.journal.reduce((last, e) => (e.on > last ? e.on : last), on);
  const { entries, invoices } = shareFreed(books.journal, { ...head, on: latest, claim });
  for (const invoice of invoices) await cancelInvoice(call, invoice);
  await append(call, books, entries);
  const { remittance, inCash } = of;
  await append(
    call,
    books,
    answerTakenBack(answered, {
      ...head,
      ...(remittance === undefined ? {} : { remittance }),
      ...(inCash === undefined ? {} : { inCash }),
    }),
  );
  const followers = answered
    .filter((e) => e.reason === 'next-payer')
    .flatMap((e) => e.postings)
    .flatMap((p) => (p.claim !== undefined && p.claim !== claim ? [p.claim] : []));
  return { invoices, followers: [...new Set(followers)] };
}

async function cancelInvoice({ context, tx }: Call, reference: string): Promise<void> {
  const invoice = await resolve<Invoice>(tx, 'Invoice', { reference });
  const id = parseReference(reference)?.id;
  if (!invoice || id === undefined) return;
  const cancelled = { id, status: 'cancelled' as const, cancelledReason: takenBackReason };
  await updateResource(context, tx, changed(invoice, cancelled));
}

/**
 * What follows when a share is gone: a draft for the further payer is cancelled, a claim that went there and an Invoice
 * that was paid are looked at by a person.
 */
export async function reviewFollowers(
  call: Call,
  books: Books,
  { invoices, followers }: TakenBack,
): Promise<void> {
  const { context, tx } = call;
  for (const follower of followers) {
    const reference = await inPlaceOf(call, books, follower);
    const next = await resolve<Claim>(tx, 'Claim', { reference });
    if (!next?.id) continue;
    if (next.status === 'draft') {
      await updateResource(context, tx, changed(next, { id: next.id, status: 'cancelled' as const }));
      const encounter = next.item?.[0]?.encounter?.[0]?.reference ?? referenceText(books.claim);
      await releaseKey(tx, claimKey(encounter, orderOf(next), partOf(next)));
    } else if (next.status === 'active')
      await review(call, books, {
        focus: reference,
        text: 'the payer before took its answer back after this claim was sent: correct or void it once the correction is there',
      });
  }
  for (const reference of invoices) {
    const wasPaid = books.journal.some(
      (e) =>
        e.reason === 'invoice-cancelled' &&
        e.postings.some((p) => p.account === 'unapplied-patient-credit' && p.invoice === reference),
    );
    if (wasPaid)
      await review(call, books, {
        focus: reference,
        text: 'the payer took its answer back after this Invoice was paid: the money is credit, see whether it is to be refunded',
      });
  }
}

/** The claim that stands in the place of a follower; where the follower was replaced, what was taken off it moves on. */
async function inPlaceOf(call: Call, books: Books, follower: string): Promise<string> {
  const { context, tx } = call;
  const stored = await resolve<Claim>(tx, 'Claim', { reference: follower });
  const successor = await holderOf(tx, correctionKey(follower));
  if (stored?.status !== 'cancelled' || successor?.status !== 'active') return follower;
  const to = referenceText(successor);
  const lines = placementsOn(books.journal, follower).map((line) => ({ ...line, to: line.item }));
  if (lines.length > 0)
    await append(call, books, [
      claimReplaced({
        ...{ id: context.newId(), on: books.journal.at(-1)?.on ?? call.on, account: books.account },
        ...{ cause: versionText(successor), from: follower, to, payer: lines[0]?.payer ?? '' },
        ...{ was: 'open', becomes: 'open', lines },
      }),
    ]);
  return inPlaceOf(call, books, to);
}

const review = (
  call: Call,
  { claim }: Books,
  { focus, text }: { readonly focus: string; readonly text: string },
): Promise<void> =>
  raiseTask(call, {
    ...{ code: 'reversal-review', focus, text, detail: '' },
    patient: claim.patient.reference?.split('/_history/')[0],
    encounter: claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference,
  });

/** An answer that was taken back: it decides nothing any longer. */
export const cancelAnswer = (
  { context, tx }: Call,
  response: Stored<ClaimResponse>,
): Promise<Stored<ClaimResponse>> =>
  updateResource(context, tx, changed(response, { status: 'cancelled' as const }));
