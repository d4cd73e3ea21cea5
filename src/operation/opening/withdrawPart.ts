import type { Claim, ClaimResponse, Invoice, PaymentNotice, Task } from '@medplum/fhirtypes';
import { creditOn, openingWithdrawn } from '../../billing/ledger/index.ts';
import { openOf } from '../../billing/opening/broughtForward.ts';
import { methodOf, payerOf } from '../../billing/payment/receipt.ts';
import { centsOf, sum, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { idOf, parseReference, versionText } from '../../datatypes/reference.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { conflict, unprocessable } from '../../outcome/fhirError.ts';
import { unresolved } from '../../outcome/issue.ts';
import { extension } from '../../terminology/system.ts';
import type { Call } from '../operation.ts';
import { freeNumber } from '../payment/paymentReference.ts';
import { answersTo } from '../submission/answers.ts';
import {
  claimNumberKey,
  holderOf,
  openedKey,
  releaseKey,
  responseKey,
  taskKey,
  writtenHolder,
} from '../uniqueKey.ts';
import type { OpeningHead, Totals, ToWithdraw } from './toLoad.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };
type Counted = readonly [keyof Totals, Cents];

/**
 * Takes off what was loaded by mistake, while the opening is not closed and nothing else was posted on it. Answers with
 * the sum that it no longer counts in.
 */
export async function withdrawPart(
  call: Call,
  { practice }: OpeningHead,
  { kind, reference, place }: ToWithdraw,
): Promise<Counted> {
  const key = openedKey(practice, kind, reference);
  const target = parseReference(await writtenHolder(call.tx, key));
  if (!target)
    throw unprocessable([
      unresolved(
        'opening-part-unknown',
        `${place}.part.where(name='reference').value`,
        'nothing was loaded under it',
      ),
    ]);
  const name = `${target.type}/${target.id}`;
  const counted = await takers[kind](call, name, reference);
  await releaseKey(call.tx, key);
  return counted;
}

const takers = { claim: takeClaim, balance: takeBalance, credit: takeCredit } as const;

const used = (name: string): Error =>
  conflict('opening-part-used', `more was posted on ${name} since: it is not taken off any more`);

/** The entry that a part was opened with; 409 where another one names it too. */
function openedWith(journal: readonly Entry[], name: string): Entry | undefined {
  const own = journal.filter(
    (e) => e.cause.startsWith(`${name}/`) || e.postings.some((p) => p.claim === name || p.invoice === name),
  );
  const [opened, ...others] = own;
  if (others.length > 0 || (opened && opened.reason !== 'opening-balance')) throw used(name);
  return opened;
}

async function reverse(call: Call, opened: Entry | undefined, cause: string): Promise<void> {
  const { context, on } = call;
  if (!opened) return;
  const day = opened.on > on ? opened.on : on;
  await post(call, openingWithdrawn(opened, { id: context.newId(), on: day, cause }));
}

async function takeClaim(call: Call, name: string, number: string): Promise<Counted> {
  const { context, tx } = call;
  const claim = await stored<Claim>(call, 'Claim', name);
  const answers = await answersTo(tx, name);
  if (answers.some((a) => a.outcome === 'complete' || a.status !== 'active')) throw used(name);
  const account = extensionOf(claim, extension.account)?.valueReference?.reference ?? '';
  const opened = openedWith(await tx.journal(account), name);
  const gone = { status: 'entered-in-error' as const };
  const written = await updateResource<Claim>(context, tx, changed(claim, { id: claim.id, ...gone }));
  for (const answer of answers)
    await updateResource<ClaimResponse>(context, tx, changed(answer, { id: answer.id, ...gone }));
  const task = await holderOf(tx, taskKey('submission', name));
  if (task) await updateResource<Task>(context, tx, changed(task, { id: task.id, ...gone }));
  await reverse(call, opened, versionText(written));
  await releaseKey(tx, claimNumberKey(number));
  await releaseKey(tx, responseKey(name));
  return ['insurance', openOf(claim) ?? zero];
}

async function takeBalance(call: Call, name: string): Promise<Counted> {
  const { context, tx } = call;
  const invoice = await stored<Invoice>(call, 'Invoice', name);
  const opened = openedWith(await tx.journal(invoice.account?.reference ?? ''), name);
  const gone = changed(invoice, { id: invoice.id, status: 'entered-in-error' as const });
  await reverse(call, opened, versionText(await updateResource(context, tx, gone)));
  return ['patient', centsOf(invoice.totalNet) ?? zero];
}

async function takeCredit(call: Call, name: string, reference: string): Promise<Counted> {
  const { context, tx, on } = call;
  const notice = await stored<PaymentNotice>(call, 'PaymentNotice', name);
  const amount = centsOf(notice.amount) ?? zero;
  const journal = await tx.journal(notice.request?.reference ?? '');
  const opened = openedWith(journal, name);
  const day = opened && opened.on > on ? opened.on : on;
  if (notice.status !== 'active' || sum(creditOn(journal, day).map((c) => c.amount)) < amount)
    throw used(name);
  const gone = changed(notice, { id: notice.id, status: 'entered-in-error' as const });
  await reverse(call, opened, versionText(await updateResource(context, tx, gone)));
  await freeNumber(
    call,
    {
      ...{ kind: 'payment', payerNamed: true, reference, method: methodOf(notice) ?? '' },
      ...{ practice: notice.recipient.reference ?? '', payer: payerOf(notice) ?? '' },
    },
    notice,
  );
  return ['credit', amount];
}

async function stored<T extends Claim | Invoice | PaymentNotice>(
  { tx }: Call,
  type: T['resourceType'],
  name: string,
): Promise<Stored<T>> {
  const found = await resolve<T>(tx, type, { reference: name });
  const id = idOf({ reference: name }, type);
  if (!found || id === undefined) throw new Error(`${name} was loaded and is gone`);
  return Object.assign(found, { id });
}
