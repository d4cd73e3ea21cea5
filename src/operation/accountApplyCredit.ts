import type { Invoice, Parameters } from '@medplum/fhirtypes';
import {
  allCredit,
  creditApplied,
  payableOn,
  takeCredit,
  usableCredit,
  type OpenLine,
} from '../billing/ledger/index.ts';
import { allocate } from '../billing/payment/allocate.ts';
import { readAmount } from '../billing/payment/amount.ts';
import { least, subtract, sum, toText, type Cents } from '../datatypes/cents.ts';
import { same, versionText } from '../datatypes/reference.ts';
import { changed } from '../datatypes/json.ts';
import { resolve } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unresolved } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter, parameters } from './parameters.ts';
import { assertIssued } from './invoice/issuedInvoice.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';
import { post } from './closing/post.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** POST [base]/Account/[id]/$apply-credit: unapplied credit meets open Invoices, the oldest first. Billing rule 72. */
export const accountApplyCredit: Operation = {
  definition: operationDefinition('Account-apply-credit'),
  permission: 'record-payment',
  async run(call): Promise<Parameters> {
    const { context } = call;
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const named = await invoicesNamed(call, of);
    const on = named.reduce((day, { date = '' }) => (date > day ? date : day), call.on);
    const open = openOn(of, named, on);
    const encounters = [...new Set(open.flatMap((l) => l.encounter ?? []))];
    const asked = amountAsked(call);
    const parts =
      asked === undefined ? usableCredit(of.journal, encounters, on) : allCredit(of.journal, encounters, on);
    const there = sum(parts.map((p) => p.amount));
    const needed = sum(open.map((l) => l.amount));
    if (asked !== undefined) assertEnough(asked, { there, needed, on });
    const amount = asked ?? least(there, needed);
    if (amount === 0) {
      const text = there === 0 ? 'there is no unapplied credit' : 'nothing is open on an Invoice';
      return answer([], [decided('nothing-applied', 'Account', text)]);
    }
    const { taken } = takeCredit(parts, amount);
    const { applied } = allocate(amount, open);
    const head = { id: context.newId(), on, account: of.name, cause: versionText(of.account) };
    const entry = creditApplied({ ...head, from: taken, lines: applied });
    await post(call, entry);
    const names = [...new Set(applied.map((l) => l.invoice))];
    const invoices = await settleInvoices(call, [...of.journal, entry], names);
    const issues = names.map((name) => {
      const met = sum(applied.filter((l) => l.invoice === name).map((l) => l.amount));
      return decided('credit-applied', 'Invoice', `${toText(met)} of credit is applied to ${name}`);
    });
    return answer(
      invoices.map((i) => ['invoice', i] as const),
      issues,
    );
  },
};

/** The Invoices that the caller names; 422 for one that is not here or of another Account, 409 for a cancelled one. */
async function invoicesNamed({ tx, input }: Call, of: PatientAccount): Promise<(Invoice & { id: string })[]> {
  const named = new Map<string, Invoice & { id: string }>();
  for (const { valueReference } of parameters(input, 'invoice')) {
    const invoice = await resolve<Invoice>(tx, 'Invoice', valueReference);
    if (invoice?.id === undefined) {
      throw unprocessable([unresolved('invoice-unknown', at('invoice'), 'names no Invoice that is here')]);
    }
    if (!same(invoice.account, { reference: of.name })) {
      const text = `Invoice/${invoice.id} is of another Account than ${of.name}`;
      throw unprocessable([businessFault('invoice-of-another-account', at('invoice'), text)]);
    }
    assertIssued(invoice);
    named.set(invoice.id, changed(invoice, { id: invoice.id }));
  }
  return [...named.values()];
}

/** What is open on the named Invoices in their order, or on all of the Account, the oldest first. */
const openOn = ({ journal }: PatientAccount, named: readonly { id: string }[], on: string): OpenLine[] =>
  named.length === 0
    ? payableOn(journal, {}, on)
    : named.flatMap(({ id }) => payableOn(journal, { invoice: `Invoice/${id}` }, on));

function amountAsked({ input }: Call): Cents | undefined {
  const given = parameter(input, 'amount');
  if (given === undefined) return undefined;
  const amount = readAmount(given.valueMoney, at('amount'));
  if (typeof amount !== 'number') throw unprocessable([amount]);
  return amount;
}

function assertEnough(
  asked: Cents,
  { there, needed, on }: { there: Cents; needed: Cents; on: string },
): void {
  const place = `${at('amount')}.value`;
  if (subtract(asked, there) > 0) {
    const text = `the unapplied credit on ${on} is ${toText(there)}`;
    throw unprocessable([businessFault('above-unapplied-credit', place, text)]);
  }
  if (subtract(asked, needed) > 0) {
    const text = `open on the Invoices is ${toText(needed)}`;
    throw unprocessable([businessFault('above-open-amount', place, text)]);
  }
}
