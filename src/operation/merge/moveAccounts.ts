import type { Account } from '@medplum/fhirtypes';
import { creditMerged, creditOn, patientStanding } from '../../billing/ledger/index.ts';
import {
  basisPoints,
  cents,
  least,
  most,
  rateOf,
  subtract,
  sum,
  toText,
  zero,
  type Cents,
} from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, same } from '../../datatypes/reference.ts';
import { recipientOf } from '../../billing/invoice/issue.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { warning, wrongValue, type Issue } from '../../outcome/issue.ts';
import { parameter } from '../parameters.ts';
import { updateResource } from '../../interaction/repository.ts';
import { post } from '../closing/post.ts';
import type { Call } from '../operation.ts';
import { accountKey, isHeldBy, releaseKey, reserveKey } from '../uniqueKey.ts';
import type { Parties } from './mergeParties.ts';
import type { Merge, MovedAccount } from './mergeRecord.ts';
import { turned } from './turnReferences.ts';

type Stored = Account & { id: string };

interface Crediting {
  readonly account: string;
  readonly under: string;
  readonly cause: string;
  readonly points: number; // basis points of it
}

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
  const moved: MovedAccount[] = [];
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
    const entries = (await tx.journal(name)).length;
    moved.push(main ? { account: name, under: referenceText(main), entries } : { account: name, entries });
  }
  return { moved, parts };
}

/**
 * How much of the free credit of an Account goes over to the one it is part of: all where one person answers for both;
 * where two do, the share that the caller names, else nothing, for it is the money of the other one.
 */
export function shareOf(
  call: Call,
  { source, target, accounts }: Parties,
): { readonly points: number; readonly issues: readonly Issue[] } {
  const said = parameter(call.input, 'share')?.valueDecimal;
  const points = basisPoints(said);
  if (said !== undefined && points === undefined) {
    const at = "Parameters.parameter.where(name='share').value";
    throw unprocessable([wrongValue('malformed-value', at, 'share is a percentage from 0 to 100')]);
  }
  const [from, to] = [referenceText(source), referenceText(target)];
  const differ = accounts.source.filter((account) => {
    const main = account.partOf ? undefined : mainOf(account, accounts.target);
    const answers = (of: Account): string | undefined => recipientOf(of, target, call.on)?.reference;
    return main && answers(turned(account, from, to)) !== answers(main);
  });
  if (differ.length === 0) return { points: points ?? all, issues: [] };
  const text = `${differ.map(referenceText).join(', ')}: another person answers for it than for the Account of ${to}`;
  const share = `${toText(percentCents(points ?? 0))} percent of its credit goes over (share)`;
  return {
    points: points ?? 0,
    issues: [warning('guarantors-differ', 'Account.guarantor', `${text}; each keeps its own, ${share}`)],
  };
}

const all = 10_000; // basis points
/** Basis points written as a number with two decimals. */
const percentCents = (points: number): Cents => cents(points);

/** Moves the credit of an Account that is kept for no visit, and that its own patient lines do not need, by an entry on each. */
export async function moveCredit(call: Call, { account, under, cause, points }: Crediting): Promise<Cents> {
  const { context, tx } = call;
  const [journal, other] = [await tx.journal(account), await tx.journal(under)];
  const last = lastDay(call, journal, other);
  const free = sum(creditOn(journal, last).flatMap((c) => (c.encounter === undefined ? [c.amount] : [])));
  const owed = sum(patientStanding(journal).flatMap((s) => [s.notInvoiced, s.invoiced]));
  const amount = rateOf(points, most(zero, least(free, subtract(free, owed))));
  if (amount === 0) return zero;
  const head = (name: string) => ({ id: context.newId(), on: last, account: name, cause });
  for (const entry of creditMerged({ from: head(account), to: head(under), amount })) await post(call, entry);
  return amount;
}

/** The day of a step between Accounts: none of their entries is later. */
export const lastDay = ({ on }: Pick<Call, 'on'>, ...journals: readonly (readonly Entry[])[]): string =>
  journals.flat().reduce((last, e) => (e.on > last ? e.on : last), on);
