import type { Basic, Invoice } from '@medplum/fhirtypes';
import {
  creditMerged,
  creditOn,
  creditReleased,
  mergedBy,
  metByCredit,
  type MetLine,
} from '../../billing/ledger/index.ts';
import { least, negate, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { resolve } from '../../interaction/repository.ts';
import { post } from '../closing/post.ts';
import type { Call } from '../operation.ts';
import { settleInvoices } from '../payment/receivePayment.ts';
import { mergeOf } from './mergeRecord.ts';
import { lastDay } from './moveAccounts.ts';

/** What came back of the credit that merges moved from an Account, and what it had met where it went. */
interface Brought {
  readonly amount: Cents;
  readonly released: readonly MetLine[];
  readonly invoices: readonly Invoice[];
}

/**
 * Brings credit back that merges moved from an Account (Account/1), at most what is needed: a payment that bounced is taken
 * out of the credit it made, wherever that went: what is free there first, then what lines were met by. What was refunded
 * there does not come back.
 */
export async function bringBack(call: Call, account: string, needed: Cents): Promise<Brought> {
  const { context, tx } = call;
  const journal = await tx.journal(account);
  const causes = new Set(journal.flatMap((e) => (e.reason === 'account-merged' ? [e.cause] : [])));
  const parts: Brought[] = [];
  let open = needed;
  for (const cause of causes) {
    const merge = unversionedText(cause) ?? '';
    const wanted = least(open, movedBy(journal, merge));
    const under = wanted > 0 ? await underOf(call, merge, account) : undefined;
    if (under === undefined) continue;
    const on = lastDay(call, journal, await tx.journal(under));
    const lacking = subtract(wanted, freeOn(await tx.journal(under), on));
    if (lacking > 0) parts.push(await bringBack(call, under, lacking)); // it may have gone on by another merge
    const opened = await release(call, under, { wanted, cause });
    const other = await tx.journal(under);
    const day = lastDay(call, journal, other);
    const amount = least(wanted, freeOn(other, day));
    parts.push(opened);
    if (amount <= 0) continue;
    const head = (name: string) => ({ id: context.newId(), on: day, account: name, cause });
    for (const entry of creditMerged({ from: head(under), to: head(account), amount }))
      await post(call, entry);
    open = subtract(open, amount);
  }
  return {
    amount: subtract(needed, open),
    released: parts.flatMap((part) => part.released),
    invoices: parts.flatMap((part) => part.invoices),
  };
}

/** Frees credit that lines of an Account were met by, the latest first, where less than is wanted is free. */
async function release(
  call: Call,
  account: string,
  { wanted, cause }: { readonly wanted: Cents; readonly cause: string },
): Promise<Brought> {
  const journal = await call.tx.journal(account);
  const on = lastDay(call, journal);
  let lacking = subtract(wanted, freeOn(journal, on));
  const released = metByCredit(journal).flatMap((line): MetLine[] => {
    const amount = least(line.amount, lacking);
    if (amount <= 0) return [];
    lacking = subtract(lacking, amount);
    return [{ ...line, amount }];
  });
  if (released.length === 0) return { amount: zero, released, invoices: [] };
  const from = [{ amount: sum(released.map((line) => line.amount)) }];
  const head = { id: call.context.newId(), on, account, cause };
  await post(call, creditReleased({ ...head, from, lines: released }));
  const names = released.flatMap((line) => line.invoice ?? []);
  return {
    amount: zero,
    released,
    invoices: await settleInvoices(call, await call.tx.journal(account), names),
  };
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
