import type {
  Account,
  Contract,
  Coverage,
  OperationOutcomeIssue,
  Organization,
  Reference,
} from '@medplum/fhirtypes';
import { holdsOn, mayCollect } from '../../billing/collection/hold.ts';
import { isPlan } from '../../billing/collection/plan.ts';
import { dueNow } from '../../billing/collection/statement.ts';
import {
  cycleOf,
  statementSettings,
  stepOn,
  withCycle,
  type Cycle,
} from '../../billing/collection/statementCycle.ts';
import { qmbOn } from '../../billing/invoice/qmb.ts';
import { balance, invoiceOpen } from '../../billing/ledger/index.ts';
import { negate, sum } from '../../datatypes/cents.ts';
import { contains } from '../../datatypes/date.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { find, resolve, updateResource } from '../../interaction/repository.ts';
import type { Store } from '../../store/store.ts';
import { isMedicaid } from '../../terminology/coverageType.ts';
import { openGuarantorTask } from '../charge/account.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import type { Call } from '../operation.ts';
import { patientAccount, type PatientAccount } from '../payment/patientAccount.ts';
import { laterCall } from '../submission/delivery.ts';
import { isTaken, taskKey } from '../uniqueKey.ts';
import { raiseTask, type Work } from '../worklist/task.ts';
import { statementRecord } from './figures.ts';
import { keepDocument } from './keepDocument.ts';
import { prepare } from './prepare.ts';
import { enqueuePrinting } from './printJob.ts';
import { nothingKnown, type Known } from './readBill.ts';
import { answersFor } from './recipient.ts';
import { statementLetter } from './statementLetter.ts';

/**
 * What a night has read of the directory of its store, for all its statements; read anew by the next one, also where
 * this server takes that over in its middle.
 */
const directories = new WeakMap<Store, { readonly date: string; readonly known: Known }>();

function directoryOf(store: Store, date: string): Known {
  const kept = directories.get(store);
  if (kept?.date === date) return kept.known;
  const known = nothingKnown();
  directories.set(store, { date, known });
  return known;
}

const activeAccounts = inPages('Account', ['status', 'active']);

/**
 * Sends statements where a practice has it so: the first when something is open on Invoices, further ones by the days
 * of its settings, and at the end a Task for a person.
 */
export const statementWork: NightlyWork = {
  code: 'statements',
  text: 'Sends statements to patients, and hands over what is not paid after the final notice',
  next(context, night, asked) {
    if (asked.after === undefined) directories.delete(context.store); // read anew for each night
    return activeAccounts(context, night, asked);
  },
  async one(context, tx, item, { date }) {
    const reference = referenceOf(item);
    const account = await resolve<Account>(tx, 'Account', { reference });
    if (account?.id === undefined || account.status !== 'active') return;
    const cycle = cycleOf(account);
    if (cycle?.next !== undefined && cycle.next > date) return;
    const practice = await resolve<Organization>(tx, 'Organization', account.owner);
    const settings = statementSettings(practice);
    if (!settings.isOn) return;
    const call = laterCall(context, tx, date);
    const of = await patientAccount(call, { reference }, 'Account');
    const owed = owedOn(of.journal, date);
    const step = stepOn(cycle, owed, settings, date);
    if (step.kind === 'wait') return;
    if (step.kind === 'end') return keepCycle(call, of, undefined);
    if (!mayCollect(holdsOn(of.account, of.patient, date))) return;
    if (step.kind === 'hand-over') {
      await raise(call, of, 'pre-collection', {
        detail: step.cycle.first,
        text: 'the final notice was not answered: a plan, assistance, a write-off or an agency',
      });
      return keepCycle(call, of, step.cycle);
    }
    await send(call, of, { cycle: step.cycle, since: owed.oldest });
  },
};

/** What is to be paid on a day, and the day on which the oldest Invoice of it was issued. */
function owedOn(journal: readonly Entry[], on: string) {
  const until = journal.filter((entry) => entry.on <= on);
  const open = invoiceOpen(until);
  const credit = negate(balance(until, { account: 'unapplied-patient-credit' }));
  const invoices = new Set(open.map((line) => line.invoice));
  const first = until.find((entry) => entry.postings.some((p) => invoices.has(p.invoice ?? '')));
  return { due: dueNow(sum(open.map((line) => line.amount)), credit), oldest: first?.on ?? on };
}

/** `since`, the day of the oldest open Invoice, tells one debt from the next: its Tasks are raised once. */
async function send(
  call: Call,
  of: PatientAccount,
  { cycle, since }: { readonly cycle: Cycle; readonly since: string },
): Promise<void> {
  const { on, tx } = call;
  const party = answersFor(of.account, of.patient, on);
  if (!party) return openGuarantorTask(call, { account: of.name, patient: referenceText(of.patient) });
  if (await isProtected(call, of)) {
    const text = 'the patient has Medicaid or is a QMB: a person decides whether a statement may be sent';
    return raise(call, of, 'statement-review', { detail: since, text });
  }
  if (await hasPlan(call, of)) return;
  const { statement, issues } = await prepare(call, {
    of,
    scope: 'account',
    asOf: on,
    level: cycle.level,
    known: directoryOf(call.context.store, on),
  });
  if (issues.some((i) => isOf(i, 'kept-confidential'))) {
    const text = 'Invoices that only the patient may be told of are open: decide how the patient is asked';
    await raise(call, of, 'confidential-bill', { detail: since, text });
  }
  if (!statement) return;
  await tellOfNotices(call, of.practice, issues);
  if (statement.recipient.address.length === 0 && statement.recipient.channel === 'mail') {
    return raise(call, of, 'statement-review', {
      detail: `address ${since}`,
      text: 'who answers for the Account has no address: no statement was sent',
    });
  }
  await keepDocument(call, statement.id, statementRecord(statement));
  await enqueuePrinting(
    { context: call.context, tx },
    { document: statement.id, letter: statementLetter(statement) },
  );
  await keepCycle(call, of, cycle);
}

async function keepCycle({ context, tx }: Call, of: PatientAccount, cycle: Cycle | undefined): Promise<void> {
  await updateResource(context, tx, changed(withCycle(of.account, cycle), { id: of.account.id }));
}

/** A Task once; one that a person finished or dropped stays so. */
async function raise(
  call: Call,
  of: PatientAccount,
  code: Work['code'],
  { detail, text }: { readonly detail: string; readonly text: string },
): Promise<void> {
  if (await isTaken(call.tx, taskKey(code, of.name, detail))) return;
  await raiseTask(call, {
    code,
    focus: of.name,
    detail,
    text,
    patient: referenceText(of.patient),
    practice: of.practice.reference,
  });
}

/** A practice is told once of the notices that its letters leave out. */
async function tellOfNotices(
  call: Call,
  practice: Reference,
  issues: readonly OperationOutcomeIssue[],
): Promise<void> {
  const focus = practice.reference ?? '';
  for (const issue of issues.filter((i) => isOf(i, 'notice-unprintable'))) {
    const text = issue.details?.text ?? '';
    if (await isTaken(call.tx, taskKey('statement-review', focus, text))) continue;
    await raiseTask(call, { code: 'statement-review', focus, detail: text, text, practice: focus });
  }
}

const isOf = ({ details }: OperationOutcomeIssue, code: string): boolean =>
  details?.coding?.[0]?.code === code;

/** Whose cost share the law protects: a QMB, or who has Medicaid on the day. */
async function isProtected({ tx, on }: Call, { patient }: PatientAccount): Promise<boolean> {
  if (qmbOn(patient, on).holds) return true;
  const coverages = await find<Coverage>(tx, 'Coverage', {
    beneficiary: referenceText(patient),
    status: 'active',
  });
  return coverages.some((one) => contains(one.period, on) && (isMedicaid(one) || qmbOn(one, on).holds));
}

/** Who pays by a plan gets no statement: its instalments are followed instead. */
async function hasPlan({ tx }: Call, { name }: PatientAccount): Promise<boolean> {
  const contracts = await find<Contract>(tx, 'Contract', {
    subject: name,
    status: 'executed',
  });
  return contracts.some(isPlan);
}
