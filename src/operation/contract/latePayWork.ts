import type { Basic, Claim, ClaimResponse, Organization, Task } from '@medplum/fhirtypes';
import {
  interestOpen,
  lateIn,
  lateOf,
  lateOutputs,
  lateTask,
  payDue,
  promptPayOn,
  promptPayRows,
  type Late,
  type Payment,
  type PromptPay,
} from '../../billing/contract/latePay.ts';
import { centsOf, toText, zero } from '../../datatypes/cents.ts';
import { addMonths, dateOf } from '../../datatypes/date.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { isOpen } from '../../datatypes/openTask.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { createResource, find, resolve, updateResource } from '../../interaction/repository.ts';
import { typeCache } from '../../interaction/typeCache.ts';
import { extension, system } from '../../terminology/system.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import type { Call, OperationContext } from '../operation.ts';
import { openAddress } from '../statement/person.ts';
import { answersTo } from '../submission/answers.ts';
import { laterCall } from '../submission/laterCall.ts';
import { holderOf, isTaken, reserveKey, taskKey } from '../uniqueKey.ts';
import { closeTask, raiseTask } from '../worklist/task.ts';

/** Claims are watched so long after they went; months. */
const watchedFor = 24;

const table = (context: OperationContext, tx: Call['tx']): Promise<PromptPay[]> =>
  typeCache(context, tx, {
    key: 'prompt-pay',
    types: ['Basic'],
    build: async (server) =>
      promptPayRows(await find<Basic>(server, 'Basic', { code: `${system.basic}|prompt-pay` })),
  });

/** Payers have so many days to pay: what is not paid by then is work, and what comes later owes interest. Billing rule 57. */
export const latePayWork: NightlyWork = {
  code: 'late-pay',
  text: 'claims that payers do not pay in time, and the interest they owe for it',
  next: async (context, night, range) => {
    const rows = await find<Basic>(context.store, 'Basic', { code: `${system.basic}|prompt-pay` });
    if (rows.length === 0) return [];
    const since = addMonths(night.date, -watchedFor);
    return inPages(
      'Claim',
      ['status', 'active'],
      ['use', 'claim'],
      ['created', `ge${since}`],
    )(context, night, range);
  },
  one: async (context, tx, item, { date }) => {
    const found = await resolve<Claim>(tx, 'Claim', { reference: referenceOf(item) });
    if (found?.id === undefined || found.status !== 'active' || found.use !== 'claim') return;
    const claim = changed(found, { id: found.id });
    const practice = await resolve<Organization>(tx, 'Organization', claim.provider);
    const payer = unversionedText(claim.insurer?.reference) ?? '';
    const received = dateOf(claim.created);
    const state = practice && openAddress(practice, received)?.state;
    const row = promptPayOn(await table(context, tx), { payer, state, day: received });
    if (!row) return;
    const due = payDue(row, received);
    if (date <= due) return;
    const call = changed(laterCall(context, tx, date), { on: date });
    await judge(call, claim, { row, due });
  },
};

interface Judging {
  readonly row: PromptPay;
  readonly due: string;
}

async function judge(call: Call, claim: Claim & { id: string }, { row, due }: Judging): Promise<void> {
  const { tx } = call;
  const name = referenceText(claim);
  const answers = (await answersTo(tx, name)).filter(
    (one) => one.status === 'active' && one.outcome === 'complete',
  );
  const about = {
    focus: name,
    detail: '',
    patient: unversionedText(claim.patient.reference),
    practice: unversionedText(claim.provider.reference),
  };
  const unpaid = taskKey('late-payment', name);
  if (answers.length === 0 && !(await isTaken(tx, unpaid))) {
    const rate = (row.rate / 1000).toString();
    await raiseTask(call, {
      ...{ ...about, code: 'late-payment', due: call.on },
      text: `the payer has ${row.days.toString()} days to pay and has decided nothing by ${due}: ask after the claim; from then on it owes ${rate} % interest a year`,
    });
  }
  if (answers.length > 0) await close(call, unpaid);
  // a payment that was taken back is late no more: what was kept of it is reckoned without it
  const late = lateOf(row, due, answers.map(paymentOf));
  if (!(await keep(call, claim, late))) return;
  const open = interestOpen(late);
  if (open === 0) return close(call, taskKey('interest-due', name));
  await raiseTask(call, {
    ...{ ...about, code: 'interest-due' },
    text: `${toText(late.paid)} was paid after ${due}: the payer owes ${toText(late.interest)} interest, ${toText(late.received)} was received: ask for ${toText(open)}`,
  });
}

const paymentOf = (answer: ClaimResponse): Payment => ({
  amount: centsOf(answer.payment?.amount) ?? zero,
  on: dateOf(answer.payment?.date ?? answer.created),
  interest: centsOf(extensionOf(answer, extension.claimInterest)?.valueMoney) ?? zero,
});

/** Keeps what came late; true where that is news. */
async function keep(call: Call, claim: Claim & { id: string }, late: Late): Promise<boolean> {
  const { context, tx } = call;
  const key = taskKey('late-paid', referenceText(claim));
  const known = await holderOf(tx, key);
  if (!known) {
    if (late.interest === 0) return false;
    const task = await createResource<Task>(context, tx, lateTask(claim, late));
    await reserveKey(tx, key, referenceText(task));
    return true;
  }
  const before = lateIn(known);
  const isSame = (['paid', 'interest', 'received'] as const).every((name) => before[name] === late[name]);
  if (isSame) return false;
  await updateResource(context, tx, changed(known, { output: lateOutputs(late) }));
  return true;
}

async function close(call: Call, key: ReturnType<typeof taskKey>): Promise<void> {
  const task = await holderOf(call.tx, key);
  if (task && isOpen(task)) await closeTask(call, task);
}
