import type { Claim, ClaimResponse, ExplanationOfBenefit, Invoice } from '@medplum/fhirtypes';
import { numberedApart } from '../../billing/explanation/related.ts';
import { reversedExplanation } from '../../billing/explanation/reversal.ts';
import { successorless } from '../../billing/invoice/successor.ts';
import { answerEntries, answerReversed, lastPosted, patientStanding } from '../../billing/ledger/index.ts';
import { reversedAnswer } from '../../billing/remittance/reversedAnswer.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { createResource, find, resolve, updateResource } from '../../interaction/repository.ts';
import { extension } from '../../terminology/system.ts';
import { cancellation } from '../invoice/cancellation.ts';
import type { Call } from '../operation.ts';
import { patientAccount, type PatientAccount } from '../payment/patientAccount.ts';
import { closeDenials } from './closeDenials.ts';
import { releasedEntries } from './releasedEntries.ts';
import { reviewNextPayers } from './reviewNextPayers.ts';

type Stored<T> = T & { id: string };

/** An answer that is taken back: by its payer, or because the claim is billed anew and the payer never paid. */
export interface Reversing {
  readonly claim: Stored<Claim>;
  readonly response: Stored<ClaimResponse>; // that stood
  readonly by: 'payer' | 'us';
}

/** What a reversal left behind. */
export interface Reversed {
  readonly reversal?: Stored<ClaimResponse>; // where the payer took it back
  /** Invoices that were taken back, with the other claims that were asked for with them. */
  readonly invoices: readonly Stored<Invoice>[];
  readonly others: readonly string[];
}

/**
 * Takes an answer back with all that followed from it. Every entry of it is mirrored, so that the claim stands as it was
 * sent; Invoices for its patient's share are cancelled before and what was paid on them is credit; a draft to the next
 * payer is dropped, a claim that was sent there is to be reviewed. The answer and its explanation stay as they were
 * given, with status cancelled; what takes them back are resources of their own. Billing rule 62.
 */
export async function reverseAnswer(call: Call, { claim, response, by }: Reversing): Promise<Reversed> {
  const { context, tx } = call;
  const name = referenceText(claim);
  const account = extensionOf(claim, extension.account)?.valueReference;
  const of = await patientAccount(call, account, 'Claim.extension');
  const reversal =
    by === 'payer' ? await createResource(context, tx, reversedAnswer(response, call.on)) : undefined;
  const cancelled = await updateResource(context, tx, changed(response, { status: 'cancelled' as const }));
  await cancelExplanations(call, name, { response, by });
  const on = dayOf(of.journal, name, call.on);
  const { invoices, others, entries } = await cancelInvoices(call, of, { name, on });
  const cause = versionText(reversal ?? cancelled);
  const before = [...of.journal, ...entries];
  const released = releasedEntries(before, name, { newId: context.newId, on, account: of.name, cause });
  const head = { newId: context.newId, on, cause };
  const mirrored = answerReversed(answerEntries(before, name), head);
  for (const entry of [...released, ...mirrored]) await tx.append(entry);
  await reviewNextPayers(call, of.journal, claim);
  await closeDenials(call, name);
  return { ...(reversal ? { reversal } : {}), invoices, others };
}

/** Not before anything about the claim was posted: no balance of a day between falls below zero. */
function dayOf(journal: readonly Entry[], claim: string, on: string): string {
  const invoices = patientStanding(journal, { claim }).length > 0 ? invoicesOf(journal, claim) : [];
  const last = lastPosted(journal, new Set([claim, ...invoices]));
  return last > on ? last : on;
}

const invoicesOf = (journal: readonly Entry[], claim: string): string[] => [
  ...new Set(
    journal.flatMap((e) => e.postings.flatMap((p) => (p.claim === claim && p.invoice ? [p.invoice] : []))),
  ),
];

/** The explanations of an answer count no longer; where the payer took it back, one with every sign turned says so. */
async function cancelExplanations(
  { context, tx, on }: Call,
  claim: string,
  { response, by }: Pick<Reversing, 'response' | 'by'>,
): Promise<void> {
  const name = referenceText(response);
  for (const found of await find<ExplanationOfBenefit>(tx, 'ExplanationOfBenefit', { claim })) {
    const isOfIt = found.claimResponse?.reference === name && !extensionOf(found, extension.reverses);
    if (found.id === undefined || found.status !== 'active' || !isOfIt) continue;
    const explanation = changed(found, { id: found.id });
    if (by === 'payer') await createResource(context, tx, takenBack(explanation, on));
    await updateResource(context, tx, changed(explanation, { status: 'cancelled' as const }));
  }
}

const takenBack = (explanation: Stored<ExplanationOfBenefit>, on: string): ExplanationOfBenefit =>
  changed(numberedApart(reversedExplanation(explanation), 2), { created: on });

/** The Invoices that ask for a share of the claim are taken back. */
async function cancelInvoices(
  call: Call,
  of: PatientAccount,
  { name, on }: { readonly name: string; readonly on: string },
): Promise<{ invoices: Stored<Invoice>[]; others: string[]; entries: Entry[] }> {
  const { context, tx } = call;
  const invoices: Stored<Invoice>[] = [];
  const others = new Set<string>();
  const entries: Entry[] = [];
  for (const reference of invoicesOf(of.journal, name)) {
    const found = await resolve<Invoice>(tx, 'Invoice', { reference });
    if (found?.id === undefined || (found.status !== 'issued' && found.status !== 'balanced')) continue;
    const journal = [...of.journal, ...entries];
    const invoice = changed(found, { id: found.id });
    for (const { claim } of patientStanding(journal, { invoice: reference }))
      if (claim !== undefined && claim !== name) others.add(claim);
    const written = await updateResource(
      context,
      tx,
      successorless(invoice, 'the payer took its answer back'),
    );
    const entry = {
      ...cancellation(call, { journal, name: of.name }, { invoice: reference, on }),
      cause: versionText(written),
    };
    await tx.append(entry);
    entries.push(entry);
    invoices.push(written);
  }
  return { invoices, others: [...others], entries };
}
