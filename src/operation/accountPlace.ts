import type { Account, Communication, Invoice, Organization, Parameters } from '@medplum/fhirtypes';
import { placementOf, placed } from '../billing/collection/placement.ts';
import { payableOn, writeOff } from '../billing/ledger/index.ts';
import { sum, toText } from '../datatypes/cents.ts';
import { addDays, addMonths, dateOf } from '../datatypes/date.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { resolve, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unresolved } from '../outcome/issue.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { post } from './closing/post.ts';
import { lawOf } from './collection/lawOf.ts';
import { requireNotHeld } from './collection/notHeld.ts';
import { dayFor, openInvoices, settingsOf, type OpenInvoice } from './collection/openInvoices.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';
import { ownNumber, sameReference } from '../billing/payment/receipt.ts';
import { holderOf, planKey } from './uniqueKey.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** POST [base]/Account/[id]/$place: what is open is given to a collection agency, where the law of the state lets it. */
export const accountPlace: Operation = {
  definition: operationDefinition('Account-place'),
  permission: 'collect',
  async run(call): Promise<Parameters> {
    const { context, tx, input, on } = call;
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const agency = await resolve<Organization>(
      tx,
      'Organization',
      parameter(input, 'agency')?.valueReference,
    );
    if (agency?.id === undefined)
      throw unprocessable([unresolved('agency-unknown', at('agency'), 'names no Organization that is here')]);
    const name = `Organization/${agency.id}`;
    const known = placementOf(of.account);
    if (known?.agency === name)
      return answer(
        [['account', of.account]],
        [decided('already-there', 'Account', `${of.name} is with ${name}`)],
      );
    if (known)
      throw conflict('placed-elsewhere', `${of.name} is with ${known.agency}: $recall it first`, 'Account');
    requireNotHeld(of, on);
    const plan = await holderOf(tx, planKey(of.name));
    if (plan)
      throw unprocessable([
        businessFault('plan-exists', 'Account', `Contract/${plan.id} is kept: end it first`),
      ]);
    const invoices = openInvoices(call, of);
    await requireLaw(call, of, invoices);
    const amount = sum(invoices.map(({ open }) => open));
    const step = { operation: 'place', permission: 'write-off', amount, atStake: amount } as const;
    const waiting = await secondPerson(call, {
      ...step,
      patient: referenceText(of.patient),
      practice: of.practice,
    });
    if (waiting) return waiting;
    const said = sameReference(parameter(input, 'reference')?.valueString ?? '');
    const reference = said === '' ? ownNumber('WO', context.newId()) : said;
    let journal = of.journal;
    for (const one of invoices) {
      const invoice = await resolve<Invoice>(tx, 'Invoice', { reference: one.name });
      const day = dayFor(journal, one.name, on);
      const lines = payableOn(journal, { invoice: one.name }, day).filter((l) => l.amount > 0);
      const head = {
        id: context.newId(),
        on: day,
        account: of.name,
        cause: versionText(invoice ?? of.account),
      };
      const entry = await post(
        call,
        writeOff({ ...head, invoice: one.name, why: 'agency', to: 'bad-debt-expense', reference, lines }),
      );
      journal = [...journal, entry];
    }
    await settleInvoices(
      call,
      journal,
      invoices.map((i) => i.name),
    );
    const placement = { agency: name, on, reference, invoices: invoices.map((i) => i.name) };
    const account = await updateResource<Account>(context, tx, placed(of.account, placement));
    const text = `${toText(amount)} is placed with ${name} under ${reference}`;
    return answer([['account', account]], [decided('placed', 'Account', text)]);
  },
};

/** 422 where the table has no row, or what the row asks for has not been waited for. */
async function requireLaw(call: Call, of: PatientAccount, invoices: readonly OpenInvoice[]): Promise<void> {
  const { tx, input, on } = call;
  const settings = await settingsOf(call, of);
  const law = await lawOf(call, of, { settings, day: on });
  if (!law) {
    const text = `the table of collection law has no row for this state and ${settings.facility}: nothing is placed`;
    throw unprocessable([businessFault('no-collection-law', 'Account', text)]);
  }
  const notice = await resolve<Communication>(
    tx,
    'Communication',
    parameter(input, 'notice')?.valueReference,
  );
  const isOfPatient = notice?.subject?.reference === referenceText(of.patient);
  const sent = isOfPatient && notice.status === 'completed' ? dateOf(notice.sent ?? '') : '';
  const faults = [];
  if (sent === '' || addDays(sent, law.noticeDays) > on)
    faults.push(
      businessFault(
        'notice-days',
        at('notice'),
        `a notice was sent to the patient ${law.noticeDays} days before`,
      ),
    );
  for (const { name } of invoices) {
    const invoice = await resolve<Invoice>(tx, 'Invoice', { reference: name });
    const date = dateOf(invoice?.date ?? on);
    if (addDays(date, law.waitDays) > on)
      faults.push(businessFault('too-early', 'Invoice.date', `${name} is younger than ${law.waitDays} days`));
    if (addMonths(date, 12 * law.limitationYears) < on)
      faults.push(
        businessFault('too-late', 'Invoice.date', `${name} is older than ${law.limitationYears} years`),
      );
  }
  if (faults.length > 0) throw unprocessable(faults);
}
