import type { Account } from '@medplum/fhirtypes';
import { creditMerged, creditOn, patientStanding } from '../../billing/ledger/index.ts';
import { least, most, subtract, sum, zero, type Cents } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, same } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import { post } from '../closing/post.ts';
import type { Call } from '../operation.ts';
import { accountKey, isHeldBy, releaseKey, reserveKey } from '../uniqueKey.ts';
import type { Parties } from './mergeParties.ts';
import type { Merge } from './mergeRecord.ts';
import { turned } from './turnReferences.ts';

type Stored = Account & { id: string };

/** The Account of the record that stays at the practice of an Account; none: that Account becomes it. */
export const mainOf = (account: Account, others: readonly Stored[]): Stored | undefined =>
  others.find((one) => one.partOf === undefined && same(one.owner, account.owner));

/**
 * Moves the Accounts of a record whole: claims, plans and answers that come later stay with the journal they are in. Where
 * the record that stays has an Account at the practice, the other one goes on as part of it.
 */
export async function moveAccounts(
  call: Call,
  { source, target, accounts }: Parties,
): Promise<{ readonly moved: Merge['accounts']; readonly parts: readonly Stored[] }> {
  const { context, tx } = call;
  const [from, to] = [referenceText(source), referenceText(target)];
  const moved: { account: string; under?: string }[] = [];
  const parts: Stored[] = [];
  for (const account of accounts.source) {
    const name = referenceText(account);
    const practice = account.owner?.reference ?? '';
    const main = account.partOf ? undefined : mainOf(account, accounts.target);
    const own = turned(account, from, to);
    await updateResource<Account>(
      context,
      tx,
      main ? changed(own, { partOf: { reference: referenceText(main) } }) : own,
    );
    const key = accountKey(from, practice);
    if (await isHeldBy(tx, key, name)) {
      await releaseKey(tx, key);
      if (!main) await reserveKey(tx, accountKey(to, practice), name);
    }
    if (main) parts.push(account);
    moved.push(main ? { account: name, under: referenceText(main) } : { account: name });
  }
  return { moved, parts };
}

/** Moves the credit of an Account that is kept for no visit, and that its own patient lines do not need, by an entry on each. */
export async function moveCredit(
  call: Call,
  { account, under, cause }: { readonly account: string; readonly under: string; readonly cause: string },
): Promise<Cents> {
  const { context, tx } = call;
  const [journal, other] = [await tx.journal(account), await tx.journal(under)];
  const last = [call.on, ...[...journal, ...other].map((e) => e.on)].sort().at(-1) ?? call.on;
  const free = sum(creditOn(journal, last).flatMap((c) => (c.encounter === undefined ? [c.amount] : [])));
  const owed = sum(patientStanding(journal).flatMap((s) => [s.notInvoiced, s.invoiced]));
  const amount = most(zero, least(free, subtract(free, owed)));
  if (amount === 0) return zero;
  const head = (name: string) => ({ id: context.newId(), on: last, account: name, cause });
  for (const entry of creditMerged({ from: head(account), to: head(under), amount })) await post(call, entry);
  return amount;
}
