import type { Invoice, PaymentNotice } from '@medplum/fhirtypes';
import {
  add,
  centsOf,
  least,
  negate,
  subtract,
  sum,
  zero,
  type Cents,
} from '../../../src/datatypes/cents.ts';
import { has } from '../../../src/datatypes/coding.ts';
import { system } from '../../../src/terminology/system.ts';
import { isLast, isQmb, isShare, saidIn, stands, total } from './answered.ts';
import { day, doneOn, extended, money, nameOf, plain, type Read } from './records.ts';
import type { Flow, Open } from './recount.ts';

const patientOf = ({ invoices, claims }: Read, request: string): string => {
  const invoice = invoices.find((i) => nameOf(i) === request);
  if (invoice) return plain(invoice.subject?.reference);
  const claim = claims.find((c) => nameOf(c) === request);
  return claim
    ? plain(claim.patient.reference)
    : `Patient/${request.slice('Account/'.length, 0 - '-account'.length)}`;
};

export const receiptFlows = (read: Read): Flow[] =>
  read.receipts.flatMap((receipt): Flow[] => {
    const patient = patientOf(read, plain(receipt.request?.reference));
    const flow = {
      kind: 'patient-payment',
      patient,
      on: day(receipt.created),
      amount: money(receipt.amount.value),
    } as const;
    if (receipt.status === 'active') return [flow];
    return [flow, { ...flow, on: doneOn(read, '$reverse', nameOf(receipt)), amount: negate(flow.amount) }];
  });

const standing = ({ invoices }: Read): Invoice[] =>
  invoices.filter(({ status }) => status === 'issued' || status === 'balanced');

/** Charges of no claim that was sent and of no Invoice. */
export const unbilled = (read: Read): Open[] => {
  const invoiced = new Set(
    standing(read).flatMap(({ lineItem = [] }) =>
      lineItem.map((l) => plain(l.chargeItemReference?.reference)),
    ),
  );
  return read.charges
    .filter((c) => c.status === 'billable' && !invoiced.has(nameOf(c)))
    .map((c) => ({
      where: 'unbilled',
      patient: plain(c.subject.reference),
      amount: money(c.priceOverride?.value),
    }));
};

interface Allocated {
  readonly invoice: string;
  readonly amount: Cents;
}

/** Which Invoices a receipt met: those it names, else the one it was recorded on, as far as that asked for so much. */
function allocationsOf({ invoices }: Read, receipt: PaymentNotice): Allocated[] {
  const request = plain(receipt.request?.reference);
  const own = invoices.find((i) => nameOf(i) === request);
  if (own && !extended(receipt, 'allocation'))
    return [{ invoice: request, amount: least(money(receipt.amount.value), centsOf(own.totalNet) ?? zero) }];
  return (receipt.extension ?? [])
    .filter(({ url }) => url === 'https://claimwright.example/fhir/StructureDefinition/allocation')
    .map(({ extension = [] }) => ({
      invoice: plain(extension.find(({ url }) => url === 'invoice')?.valueReference?.reference),
      amount: money(extension.find(({ url }) => url === 'amount')?.valueMoney?.value),
    }));
}

const paidOn = (read: Read, invoice: Invoice): Cents =>
  sum(
    read.receipts
      .filter(({ status }) => status === 'active')
      .flatMap((r) => allocationsOf(read, r))
      .filter((a) => a.invoice === nameOf(invoice))
      .map(({ amount }) => amount),
  );

/** What an issued Invoice still asks for; what a balanced one was not paid is written off. */
export const invoicesOf = (read: Read): { flows: Flow[]; open: Open[] }[] =>
  standing(read).map((invoice) => {
    const rest = subtract(centsOf(invoice.totalNet) ?? zero, paidOn(read, invoice));
    const patient = plain(invoice.subject?.reference);
    if (invoice.status === 'issued')
      return { flows: [], open: [{ where: 'invoiced', patient, amount: rest }] };
    const on = rest === 0 ? '' : doneOn(read, '$write-off', nameOf(invoice));
    return { flows: [{ kind: 'patient-write-off', patient, on, amount: rest }], open: [] };
  });

const creditOn = ({ lineItem = [] }: Invoice): Cents =>
  negate(
    sum(
      lineItem
        .flatMap(({ priceComponent = [] }) => priceComponent)
        .filter(({ code }) => has(code, system.invoiceComponent, 'patient-payment'))
        .map(({ amount }) => money(amount?.value)),
    ),
  );

/** The patient's share by the last answers, and not on an Invoice: by patient, since credit may have met it. */
export function notInvoiced(read: Read): Open[] {
  const shares = read.answers
    .filter((a) => stands(read, a) && isLast(read, a) && !isQmb(read, plain(a.patient.reference)))
    .map((a) => ({ patient: plain(a.patient.reference), amount: total(saidIn(a), isShare) }));
  const billed = standing(read)
    .filter((i) => extended(i, 'explanation')) // else it is of a visit without a claim
    .map((i) => ({
      patient: plain(i.subject?.reference),
      amount: negate(sum([centsOf(i.totalNet) ?? zero, creditOn(i)])),
    }));
  return [...shares, ...billed].map((one) => ({ ...one, where: 'not-invoiced' as const }));
}

/** A share that the patient had paid before has no Invoice: the credit meets it. */
export function settled(rows: readonly Open[]): Open[] {
  return [...new Set(rows.map(({ patient }) => patient))].flatMap((patient): Open[] => {
    const of = (where: Open['where']): Cents =>
      sum(rows.filter((r) => r.patient === patient && r.where === where).map(({ amount }) => amount));
    const met = least(of('not-invoiced'), negate(of('credit')));
    return [
      { where: 'not-invoiced', patient, amount: subtract(of('not-invoiced'), met) },
      { where: 'credit', patient, amount: add(of('credit'), met) },
    ];
  });
}

/** What patients paid and no Invoice that stands has met. */
export function credits(read: Read): Open[] {
  const asking = new Set(standing(read).map(nameOf));
  const met = (receipt: PaymentNotice): Cents =>
    sum(
      allocationsOf(read, receipt)
        .filter(({ invoice }) => asking.has(invoice))
        .map(({ amount }) => amount),
    );
  const received = read.receipts
    .filter(({ status }) => status === 'active')
    .map((r) => ({
      patient: patientOf(read, plain(r.request?.reference)),
      amount: negate(subtract(money(r.amount.value), met(r))),
    }));
  const used = standing(read).map((i) => ({ patient: plain(i.subject?.reference), amount: creditOn(i) }));
  return [...received, ...used].map((one) => ({ ...one, where: 'credit' as const }));
}
