import type { Claim, ClaimResponse, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { betweenOthers, numberedApart } from '../../billing/explanation/related.ts';
import { reversedExplanation } from '../../billing/explanation/reversal.ts';
import { decides, denialWriteOffReversed, denialWriteOffsOf, inOrder } from '../../billing/ledger/index.ts';
import { reversedAnswer } from '../../billing/remittance/reversedAnswer.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { createResource, find, updateResource } from '../../interaction/repository.ts';
import { extension } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { patientAccount } from '../payment/patientAccount.ts';
import {
  append,
  cancelAnswer,
  reviewFollowers,
  takeEntriesBack,
  type Books,
} from '../remittance/takeBack.ts';
import { answersTo } from '../submission/answers.ts';
import { closeDenials } from './closeDenials.ts';

type Stored<T> = T & { id: string };

/** An answer that is taken back: by its payer, or because the claim is billed anew and the payer never paid. */
export interface Reversing {
  readonly claim: Stored<Claim>;
  readonly by: 'payer' | 'us';
}

/** What a reversal left behind. */
export interface Reversed {
  readonly reversals: readonly Stored<ClaimResponse>[]; // where the payer took it back
  readonly books: Books;
  readonly invoices: readonly string[]; // that were cancelled
}

/**
 * Takes the answers to a claim back with all that followed from them, so that it stands as it was sent: every entry is
 * mirrored, Invoices for its patient's share are cancelled before and what was paid on them is credit, a draft to the
 * next payer is dropped, what was sent there is reviewed. The answers stay as they were given, with status cancelled;
 * where the payer took them back, resources with every sign turned say so. Billing rule 62.
 */
export async function reverseAnswer(call: Call, { claim, by }: Reversing): Promise<Reversed> {
  const { context, tx } = call;
  const name = referenceText(claim);
  const account = extensionOf(claim, extension.account)?.valueReference;
  const { journal, name: of } = await patientAccount(call, account, 'Claim.extension');
  const books: Books = { claim: withoutVersions(claim), account: of, journal };
  await append(call, books, writeOffsTakenBack(call, books));
  const reversals: Stored<ClaimResponse>[] = [];
  const invoices: string[] = [];
  const followers: string[] = [];
  for (const response of inOrder((await answersTo(tx, name)).filter(decides)).toReversed()) {
    const reversal =
      by === 'payer' ? await createResource(context, tx, reversedAnswer(response, call.on)) : undefined;
    const cancelled = await cancelAnswer(call, response);
    await takeExplanationsBack(call, name, { response, reversal });
    const cause = versionText(reversal ?? cancelled);
    const undone = await takeEntriesBack(call, books, {
      response: referenceText(response),
      cause,
      inCash: true,
    });
    if (reversal) reversals.push(reversal);
    invoices.push(...undone.invoices);
    followers.push(...undone.followers);
  }
  await reviewFollowers(call, books, { invoices, followers });
  await closeDenials(call, name);
  return { reversals, books, invoices };
}

/** Write-offs of what the answers denied: what was given up is denied again before it goes back. */
const writeOffsTakenBack = (
  { context: { newId }, on }: Call,
  { claim, journal }: Books,
): ReturnType<typeof denialWriteOffReversed>[] =>
  denialWriteOffsOf(journal, referenceText(claim)).map((writtenOff) =>
    denialWriteOffReversed({
      ...{ id: newId(), on: writtenOff.on > on ? writtenOff.on : on },
      ...{ cause: writtenOff.cause, writtenOff },
    }),
  );

/** What took an answer back is explained with every sign turned; where nobody did, the explanation counts no longer. */
async function takeExplanationsBack(
  { context, tx, on }: Call,
  claim: string,
  of: { readonly response: Stored<ClaimResponse>; readonly reversal: Stored<ClaimResponse> | undefined },
): Promise<void> {
  const name = referenceText(of.response);
  const all = await find<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', { claim });
  for (const found of all) {
    const isOfIt = found.claimResponse?.reference === name && !extensionOf(found, extension.reverses);
    if (found.id === undefined || found.status !== 'active' || !isOfIt) continue;
    const explanation = changed(found, { id: found.id });
    if (!of.reversal) {
      await updateResource(context, tx, changed(explanation, { status: 'cancelled' as const }));
      continue;
    }
    const turned = numberedApart(reversedExplanation(explanation), all.length + 1);
    const back = changed(turned, {
      created: on,
      claimResponse: { reference: referenceText(of.reversal) },
      related: [],
    });
    await createResource(context, tx, betweenOthers(back, { before: explanation }));
  }
}
