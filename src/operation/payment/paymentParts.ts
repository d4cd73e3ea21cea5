import type { Invoice, Organization, Reference } from '@medplum/fhirtypes';
import { openedOn, payableOn, type About, type InvoiceLine } from '../../billing/ledger/index.ts';
import { allocate } from '../../billing/payment/allocate.ts';
import { notAllocated, type Allocation } from '../../billing/payment/receipt.ts';
import { sum, toText, zero, type Cents } from '../../datatypes/cents.ts';
import { same } from '../../datatypes/reference.ts';
import { resolve } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, unresolved, type Issue } from '../../outcome/issue.ts';
import { assertIssued } from '../invoice/issuedInvoice.ts';
import type { Call } from '../operation.ts';
import { patientAccount, type PatientAccount } from './patientAccount.ts';

/** What a payment does on one Account: the Invoices it meets, and what of it becomes credit. */
export interface Part {
  readonly of: PatientAccount;
  readonly applied: readonly InvoiceLine[];
  readonly unapplied: Cents;
}

/** What a payment does, on each Account it is for, all posted on one day. */
export interface Parts {
  readonly on: string;
  readonly parts: readonly Part[];
}

/** A payment on what is open on one Account: Invoices that `where` covers are met, the oldest first. */
export function openParts(
  of: PatientAccount,
  { amount, where, on }: { amount: Cents; where: About; on: string },
): Parts {
  const { applied, rest } = allocate(amount, payableOn(of.journal, where, on));
  return { on, parts: [{ of, applied, unapplied: rest }] };
}

/**
 * A payment on the Invoices that are named, also of other Accounts of the practice; what is allocated to none is
 * credit of the Account it was recorded on. 422 when more is allocated to an Invoice than is open on it.
 */
export async function allocatedParts(
  call: Call,
  own: PatientAccount,
  told: {
    readonly allocation: readonly Allocation[];
    readonly amount: Cents;
    readonly on: string;
    readonly practice: Reference<Organization>;
  },
): Promise<Parts> {
  const accounts = new Map<string, PatientAccount>([[own.name, own]]);
  const faults: Issue[] = [];
  const known: { readonly invoice: Invoice; readonly of: PatientAccount; readonly part: Allocation }[] = [];
  for (const part of told.allocation) {
    const at = "Parameters.parameter.where(name='allocation')";
    const invoice = await resolve<Invoice>(call.tx, 'Invoice', { reference: part.invoice });
    if (!invoice) {
      faults.push(unresolved('invoice-unknown', at, `${part.invoice} is not here`));
      continue;
    }
    assertIssued(invoice);
    const name = invoice.account?.reference ?? '';
    const of = accounts.get(name) ?? (await patientAccount(call, invoice.account, 'Invoice.account'));
    accounts.set(of.name, of);
    if (!same(invoice.issuer ?? of.practice, told.practice)) {
      const text = `${part.invoice} is of another practice than the receipt`;
      faults.push(businessFault('invoice-of-another-practice', at, text));
    }
    known.push({ invoice, of, part });
  }
  if (faults.length > 0) throw unprocessable(faults);
  const on = known.reduce(
    (day, { invoice, of, part }) => later(day, openedOn(of.journal, part.invoice) ?? invoice.date),
    told.on,
  );
  const applied = new Map<string, InvoiceLine[]>();
  for (const { of, part } of known) {
    const open = payableOn(of.journal, { invoice: part.invoice }, on);
    const met = allocate(part.amount, open);
    if (met.rest > 0) {
      const text = `open on ${part.invoice} is ${toText(sum(open.map((l) => l.amount)))}`;
      const at = "Parameters.parameter.where(name='allocation')";
      faults.push(businessFault('above-open-amount', at, text));
    }
    applied.set(of.name, [...(applied.get(of.name) ?? []), ...met.applied]);
  }
  if (faults.length > 0) throw unprocessable(faults);
  const rest = notAllocated(told.amount, told.allocation);
  const parts = [...accounts.values()].map((of) => ({
    of,
    applied: applied.get(of.name) ?? [],
    unapplied: of === own ? rest : zero,
  }));
  return { on, parts: parts.filter((p) => p.applied.length > 0 || p.unapplied > 0) };
}

const later = (a: string, b: string | undefined): string => (b !== undefined && b > a ? b : a);
