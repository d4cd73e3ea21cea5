import type { Account, Organization } from '@medplum/fhirtypes';
import { mayCollect } from '../../billing/collection/hold.ts';
import { creditSince } from '../../billing/collection/credit.ts';
import { invoicesOf, planStanding } from '../../billing/collection/plan.ts';
import type { CollectionSettings } from '../../billing/collection/settings.ts';
import { collectionSettings } from '../../billing/collection/settings.ts';
import { patientStanding, payableOn, writeOff, writeOffOf } from '../../billing/ledger/index.ts';
import { toText } from '../../datatypes/cents.ts';
import { addDays, addMonths } from '../../datatypes/date.ts';
import { changed } from '../../datatypes/json.ts';
import { versionText } from '../../datatypes/reference.ts';
import type { Invoice } from '@medplum/fhirtypes';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { post } from '../closing/post.ts';
import { inPages, referenceOf } from '../nightly/inPages.ts';
import type { NightlyWork } from '../nightly/nightly.ts';
import type { Call } from '../operation.ts';
import { patientAccount, type PatientAccount } from '../payment/patientAccount.ts';
import { settleInvoices } from '../payment/receivePayment.ts';
import { laterCall } from '../submission/delivery.ts';
import { holderOf, planKey } from '../uniqueKey.ts';
import { federalLines } from './federalLines.ts';
import { lawOf } from './lawOf.ts';
import { holdsOf } from './notHeld.ts';
import { openByInvoice, openOn } from './openInvoices.ts';
import { raiseDue } from './raiseDue.ts';

/** Days in which an overpayment is given back: 42 CFR 401.305. */
const returnDays = 60;
/** The number of a write-off that the rule of small balances makes: once for an Invoice. */
const smallBalance = 'SMALL-BALANCE';

/** The clocks of what patients owe and are owed: plans, small balances, overpayments, credit that goes to the state. */
export const collectionWork: NightlyWork = {
  code: 'collection',
  text: 'watches payment plans, small balances, overpayments and credit of patients',
  next: inPages('Account'),
  one: async (context, tx, item, night) => {
    const name = referenceOf(item);
    const call = laterCall(context, tx, night.date);
    const account = await resolve<Account>(tx, 'Account', { reference: name });
    if (!account?.owner || !account.subject?.some((s) => s.reference?.startsWith('Patient/') === true))
      return;
    if ((await tx.journal(name)).length === 0) return;
    const of = await patientAccount(call, { reference: name }, 'Account');
    const settings = collectionSettings(await resolve<Organization>(tx, 'Organization', of.practice));
    await watchPlan(call, of, settings);
    await clearSmallBalances(call, of, settings);
    await watchCredit(call, of, settings);
  },
};

/** A plan that is paid is resolved; an instalment that was missed is work. */
async function watchPlan(call: Call, of: PatientAccount, { graceDays }: CollectionSettings): Promise<void> {
  const plan = await holderOf(call.tx, planKey(of.name));
  if (!plan) return;
  const open = await openOn(call, of.journal, invoicesOf(plan));
  const standing = planStanding(plan, open, { day: call.on, graceDays });
  if (standing.isPaid)
    await updateResource(call.context, call.tx, changed(plan, { status: 'resolved' as const }));
  if (!standing.missed) return;
  const text = `${toText(standing.behind)} of Contract/${plan.id} was due on ${standing.missed.due} and is not paid`;
  const about = { focus: `Contract/${plan.id}`, detail: standing.missed.due, due: addDays(call.on, 7) };
  await raiseDue(call, of, { code: 'missed-instalment', ...about, text });
}

/** What is so little that asking for it costs more is given up; never what a federal programme leaves. */
async function clearSmallBalances(
  call: Call,
  of: PatientAccount,
  settings: CollectionSettings,
): Promise<void> {
  if (settings.smallBalance === 0 || !mayCollect(holdsOf(of, call.on))) return;
  if (await holderOf(call.tx, planKey(of.name))) return;
  let journal = of.journal;
  for (const { name, open } of openByInvoice(journal)) {
    const invoice = await resolve<Invoice>(call.tx, 'Invoice', { reference: name });
    const isDue = invoice?.date !== undefined && addDays(invoice.date, settings.smallBalanceDays) <= call.on;
    if (!isDue || open > settings.smallBalance || writeOffOf(journal, name, smallBalance)) continue;
    if ((await federalLines(call, patientStanding(journal, { invoice: name }))).length > 0) continue;
    const lines = payableOn(journal, { invoice: name }, call.on).filter((l) => l.amount > 0);
    if (lines.length === 0) continue;
    const head = { id: call.context.newId(), on: call.on, account: of.name, cause: versionText(invoice) };
    const given = {
      invoice: name,
      why: 'small-balance',
      to: 'small-balance-adjustment',
      reference: smallBalance,
    } as const;
    const entry = await post(call, writeOff({ ...head, ...given, lines }));
    journal = [...journal, entry];
    await settleInvoices(call, journal, [name]);
  }
}

/** What was paid too much: of a payer within 60 days back to it, of a patient back or, in the end, to the state. */
async function watchCredit(call: Call, of: PatientAccount, settings: CollectionSettings): Promise<void> {
  const claims = new Set(
    of.journal.flatMap((e) =>
      e.postings.flatMap((p) => (p.account === 'unapplied-payer-credit' ? (p.claim ?? []) : [])),
    ),
  );
  for (const claim of claims) {
    const credit = creditSince(
      of.journal,
      (p) => p.account === 'unapplied-payer-credit' && p.claim === claim,
    );
    if (!credit) continue;
    const text = `${toText(credit.amount)} of ${claim} was paid beyond what stood on it: give it back`;
    const due = addDays(credit.since, returnDays);
    await raiseDue(call, of, { code: 'overpayment', focus: claim, detail: credit.since, due, text });
  }
  const own = creditSince(of.journal, (p) => p.account === 'unapplied-patient-credit');
  if (!own) return;
  const law = await lawOf(call, of, { settings, day: call.on });
  if (law?.dormancyYears === undefined) return;
  const due = addMonths(own.since, 12 * law.dormancyYears);
  if (addMonths(due, -6) > call.on) return;
  const text = `${toText(own.amount)} is credit of the patient since ${own.since}: it goes to the state on ${due}`;
  await raiseDue(call, of, { code: 'escheat', focus: of.name, detail: own.since, due, text });
}
