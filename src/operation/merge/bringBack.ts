import type { Basic } from '@medplum/fhirtypes';
import { creditMerged, creditOn, mergedBy } from '../../billing/ledger/index.ts';
import { add, least, negate, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { resolve } from '../../interaction/repository.ts';
import { post } from '../closing/post.ts';
import type { Call } from '../operation.ts';
import { mergeOf } from './mergeRecord.ts';
import { lastDay } from './moveAccounts.ts';

/**
 * Brings credit back that merges moved from an Account (Account/1), at most what is needed: a payment that bounced is taken
 * out of the credit it made, wherever that went. What was used there since stays. Answers how much came.
 */
export async function bringBack(call: Call, account: string, needed: Cents): Promise<Cents> {
  const { context, tx } = call;
  const journal = await tx.journal(account);
  const causes = new Set(journal.flatMap((e) => (e.reason === 'account-merged' ? [e.cause] : [])));
  let brought = zero;
  for (const cause of causes) {
    const merge = unversionedText(cause) ?? '';
    const wanted = least(subtract(needed, brought), movedBy(journal, merge));
    const under = wanted > 0 ? await underOf(call, merge, account) : undefined;
    if (under === undefined) continue;
    const lacking = subtract(wanted, freeOn(await tx.journal(under), lastDay(call, journal)));
    if (lacking > 0) await bringBack(call, under, lacking); // it may have gone further by another merge
    const other = await tx.journal(under);
    const on = lastDay(call, journal, other);
    const amount = least(wanted, freeOn(other, on));
    if (amount <= 0) continue;
    const head = (name: string) => ({ id: context.newId(), on, account: name, cause });
    for (const entry of creditMerged({ from: head(under), to: head(account), amount }))
      await post(call, entry);
    brought = add(brought, amount);
  }
  return brought;
}

/** How much of the credit of an Account a merge (Basic/1) moved and has not given back; below zero where it brought some. */
const movedBy = (journal: readonly Entry[], merge: string): Cents =>
  negate(
    sum(
      mergedBy(journal, merge).flatMap(({ postings }) =>
        postings.flatMap((p) => (p.account === 'merged-accounts' ? [p.amount] : [])),
      ),
    ),
  );

const freeOn = (journal: readonly Entry[], on: string): Cents =>
  sum(creditOn(journal, on).flatMap((part) => (part.encounter === undefined ? [part.amount] : [])));

/** The Account that another one went on as part of by a merge. */
async function underOf({ tx }: Call, merge: string, account: string): Promise<string | undefined> {
  const record = await resolve<Basic>(tx, 'Basic', { reference: merge });
  return record && mergeOf(record).accounts.find((one) => one.account === account)?.under;
}
