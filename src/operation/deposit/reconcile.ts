import type { Basic, PaymentReconciliation, Task } from '@medplum/fhirtypes';
import { isRemitted } from '../../billing/deposit/bankLine.ts';
import { batchOf, lineOf, matchesOf } from '../../billing/deposit/bankRecord.ts';
import { matchBank, type Expected, type KeptLine } from '../../billing/deposit/matchBank.ts';
import { remittanceDeposit, remittanceReversed } from '../../billing/ledger/index.ts';
import { bankDeposit, confirmed, isWholeHeld, sourceOf } from '../../billing/remittance/reconciliation.ts';
import { subtract, sum, toText, type Cents } from '../../datatypes/cents.ts';
import { changed } from '../../datatypes/json.ts';
import { parseReference, referenceText, versionText } from '../../datatypes/reference.ts';
import { createResource, readResource, updateResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import {
  bankDepositKey,
  bankedKey,
  holderOf,
  isTaken,
  remittanceKey,
  reserveKey,
  taskKey,
} from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';
import { isSettled, linesIn, settleLine } from './bankLines.ts';
import { expectedDeposits, expectedOf, type Span } from './expectedDeposits.ts';
import { post } from '../closing/post.ts';

/** A line with what it is the money of; `difference` is what it has more. */
export interface Reconciled {
  readonly line: KeptLine;
  readonly to: readonly string[];
  readonly difference?: Cents;
}

/** What the bank shows, what of it is known, and what is known and the bank does not show. */
export interface Reconciliation {
  readonly lines: readonly Reconciled[];
  readonly missing: readonly Expected[];
}

/**
 * Holds the lines of a span against what should have come: what fits is matched, a payment of an 835 that did not come is
 * posted as cash of a payer that nobody knows yet, and both lists of what is left are answered.
 */
export async function reconcile(call: Call, span: Span): Promise<Reconciliation> {
  const records = await linesIn(call, span);
  const open: KeptLine[] = [];
  for (const record of records) if (!(await isSettled(call, record))) open.push(lineOf(record));
  const expected = await expectedDeposits(call.tx, span);
  expected.push(...(await namedEarlier(call, span, { open, expected })));
  for (const { line, to } of matchBank(open, expected))
    await settle(
      call,
      line,
      to.map((e) => e.name),
    );
  const now = await linesIn(call, span);
  for (const record of now)
    if (!(await isSettled(call, record))) await keepUnidentified(call, lineOf(record), span.practice);
  const lines: Reconciled[] = [];
  for (const record of await linesIn(call, span)) lines.push(await reconciled(call, record));
  return { lines, missing: await expectedDeposits(call.tx, span) };
}

/** Payments that a line names and that were told before the span. */
async function namedEarlier(
  { tx }: Call,
  { practice }: Span,
  { open, expected }: { readonly open: readonly KeptLine[]; readonly expected: readonly Expected[] },
): Promise<Expected[]> {
  const found = new Map<string, Expected>();
  for (const { traces, payerTin } of open)
    for (const trace of payerTin === undefined ? [] : traces) {
      const payment = await holderOf(tx, remittanceKey(payerTin ?? '', trace));
      const of = payment?.requestor?.reference ?? practice;
      if (!payment || of !== practice || payment.status !== 'active') continue;
      const one = expectedOf(payment);
      const isKnown = expected.some((e) => e.name === one.name) || one.amount <= 0;
      if (!isKnown && !(await holderOf(tx, bankedKey(one.name)))) found.set(one.name, one);
    }
  return [...found.values()];
}

async function reconciled(call: Call, record: Basic): Promise<Reconciled> {
  const line = lineOf(record);
  if (!(await isSettled(call, record))) return { line, to: [] };
  const to = matchesOf(record);
  const difference = subtract(line.amount, sum(await amountsOf(call, to)));
  return { line, to, ...(difference === 0 ? {} : { difference }) };
}

async function amountsOf({ tx }: Call, names: readonly string[]): Promise<Cents[]> {
  const amounts: Cents[] = [];
  for (const name of names) {
    const { type, id } = parseReference(name) ?? { type: 'Basic', id: '' };
    amounts.push(
      type === 'PaymentReconciliation'
        ? expectedOf(await readResource<PaymentReconciliation>(tx, 'PaymentReconciliation', id)).amount
        : batchOf(await readResource<Basic>(tx, 'Basic', id)).total,
    );
  }
  return amounts;
}

/** Matches a line. Where its money is not what was told, the bank is believed or a person looks at it. */
export async function settle(call: Call, line: KeptLine, to: readonly string[]): Promise<void> {
  await settleLine(call, line, to);
  let difference = subtract(line.amount, sum(await amountsOf(call, to)));
  const [only, ...others] = to;
  if (difference !== 0 && others.length === 0 && (await confirm(call, line, only))) difference = sum([]);
  const code = 'bank-difference';
  if (to.length > 0 && difference !== 0) {
    const [sign, amount] = difference > 0 ? ['more', difference] : ['less', subtract(sum([]), difference)];
    const text = `the bank has ${toText(amount)} ${sign} than ${to.join(', ')} of ${line.date}: ask the payer or the bank`;
    await raiseTask(call, { code, focus: line.name, detail: '', text });
    return;
  }
  const task = await holderOf<Task>(call.tx, taskKey(code, line.name));
  if (task && task.status !== 'completed') await closeTask(call, task);
}

/** The deposit of a transaction that does not balance is what the bank confirms. True where it was corrected. */
async function confirm(call: Call, line: KeptLine, name: string | undefined): Promise<boolean> {
  const { context, tx, on } = call;
  const target = parseReference(name);
  if (name === undefined || target?.type !== 'PaymentReconciliation') return false;
  const payment = await readResource<PaymentReconciliation>(tx, 'PaymentReconciliation', target.id);
  if (!isWholeHeld(payment) || !sourceOf(payment)) return false;
  const corrected = await updateResource(
    context,
    tx,
    confirmed(changed(payment, { id: target.id }), line.amount),
  );
  const cause = versionText(corrected);
  const posted = await tx.journal(name);
  for (const entry of remittanceReversed(posted, { newId: context.newId, on, cause }))
    await post(call, entry);
  await post(
    call,
    remittanceDeposit({
      ...{ id: context.newId(), on, account: name, cause, remittance: name, amount: line.amount },
      payer: payment.paymentIssuer?.reference,
    }),
  );
  return true;
}

/** Money of an 835 that did not come: cash, and owed to nobody known until the 835 takes its place. */
async function keepUnidentified(call: Call, line: KeptLine, practice: string): Promise<void> {
  const { context, tx, on } = call;
  const [trace] = line.traces;
  if (!isRemitted(line) || trace === undefined) return;
  const key = bankDepositKey(trace, line.amount);
  const numbered = remittanceKey(line.payerTin ?? '', trace);
  await tx.lock(numbered.text);
  // what a person took back is not posted again
  if ((await isTaken(tx, key)) || (await holderOf(tx, numbered))) return;
  const made = await createResource(
    context,
    tx,
    bankDeposit({ amount: line.amount, date: line.date, on, trace, payerTin: line.payerTin, practice }),
  );
  const name = referenceText(made);
  await reserveKey(tx, key, name);
  if (line.payerTin !== undefined && !(await isTaken(tx, numbered))) await reserveKey(tx, numbered, name);
  await post(
    call,
    remittanceDeposit({
      ...{ id: context.newId(), on, account: name, cause: versionText(made), remittance: name },
      amount: line.amount,
    }),
  );
  await settleLine(call, line, [name]);
}
