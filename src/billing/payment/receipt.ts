import type { Extension, Money, Organization, PaymentNotice, Reference } from '@medplum/fhirtypes';
import { centsOf, negate, sum, toMoney, zero, type Cents } from '../../datatypes/cents.ts';
import { codeOf, concept } from '../../datatypes/coding.ts';
import { extensionOf, extensionsOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { extension, system } from '../../terminology/system.ts';

export const methods = ['cash', 'check', 'card', 'ach', 'other'] as const;
export type Method = (typeof methods)[number];
export const isMethod = (code: string): code is Method => (methods as readonly string[]).includes(code);

/** What of a payment is meant for one Invoice. */
export interface Allocation {
  readonly invoice: string; // Invoice/1
  readonly amount: Cents;
}

/** A payment of a patient, or a refund to one. */
export interface Payment {
  readonly request: string; // Invoice/1 or Account/1
  readonly amount: Cents;
  readonly method: Method;
  readonly reference: string; // unique per payer and method among receipts that stand
  readonly practice: Reference<Organization>;
  readonly payer?: string | undefined; // whose money it is: Patient/1, RelatedPerson/1, Organization/1
  readonly encounter?: string | undefined; // the visit it is kept for
  readonly estimate?: string | undefined; // Claim/1: the estimate it was taken against
  readonly allocation?: readonly Allocation[] | undefined;
}

/** A reference as it is compared: without case and outer blanks. */
export const sameReference = (reference: string): string => reference.trim().toUpperCase();

/** Our own number of a receipt that has none (cash), or of a write-off, from the id that nobody else has. */
export const ownNumber = (prefix: 'RCPT' | 'WO' | 'STM' | 'ITM' | 'GFE' | 'EST', id: string): string =>
  `${prefix}-${id
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(-12)
    .toUpperCase()}`;

/** The receipt of a payment. See https://hl7.org/fhir/R4/paymentnotice.html */
export function receipt(payment: Payment, { on, date }: { on: string; date: string }): PaymentNotice {
  const {
    request,
    amount,
    method,
    reference,
    practice,
    payer,
    encounter,
    estimate,
    allocation = [],
  } = payment;
  const named = (url: string, name: string | undefined): Extension[] =>
    name === undefined ? [] : [{ url, valueReference: { reference: name } }];
  return {
    resourceType: 'PaymentNotice',
    extension: [
      { url: extension.paymentMethod, valueCodeableConcept: concept(system.paymentMethod, method) },
      ...named(extension.encounter, encounter),
      ...named(extension.estimate, estimate),
      ...named(extension.payer, payer),
      ...allocation.map(allocationExtension),
    ],
    status: 'active',
    request: { reference: request },
    created: on,
    payment: { identifier: { system: system.paymentReference, value: reference } },
    paymentDate: date,
    recipient: practice,
    amount: toMoney(amount),
    paymentStatus: concept(system.paymentStatus, 'paid'),
  };
}

const allocationExtension = ({ invoice, amount }: Allocation): Extension => ({
  url: extension.allocation,
  extension: [
    { url: 'invoice', valueReference: { reference: invoice } },
    { url: 'amount', valueMoney: toMoney(amount) },
  ],
});

/** The receipt of money given back: its amount is negative, so that receipts add up to the patients' cash. */
export const refundReceipt = (payment: Payment, dates: { on: string; date: string }): PaymentNotice =>
  changed(receipt(payment, dates), { amount: toMoney(negate(payment.amount)) });

const sameMoney = (a: Money, b: Money): boolean => centsOf(a) === centsOf(b);

/** True when a reference used before was for the same thing: what it paid, amount, method and visit. */
export const sameReceipt = (a: PaymentNotice, b: PaymentNotice): boolean =>
  a.request?.reference === b.request?.reference &&
  sameMoney(a.amount, b.amount) &&
  methodOf(a) === methodOf(b) &&
  visitOf(a) === visitOf(b) &&
  estimateOfReceipt(a) === estimateOfReceipt(b) &&
  allocationText(a) === allocationText(b);

export const methodOf = (notice: PaymentNotice): string | undefined =>
  codeOf(extensionOf(notice, extension.paymentMethod)?.valueCodeableConcept, system.paymentMethod);

export const visitOf = (notice: PaymentNotice): string | undefined =>
  extensionOf(notice, extension.encounter)?.valueReference?.reference;

/** The estimate that a deposit was taken against: Claim/1. */
export const estimateOfReceipt = (notice: PaymentNotice): string | undefined =>
  extensionOf(notice, extension.estimate)?.valueReference?.reference;

/** Whose money it was; receipts of before do not say. */
export const payerOf = (notice: PaymentNotice): string | undefined =>
  extensionOf(notice, extension.payer)?.valueReference?.reference;

/** What of a receipt was meant for which Invoice. */
export const allocationOf = (notice: PaymentNotice): Allocation[] =>
  extensionsOf(notice, extension.allocation).map((e) => ({
    invoice: extensionOf(e, 'invoice')?.valueReference?.reference ?? '',
    amount: centsOf(extensionOf(e, 'amount')?.valueMoney) ?? zero,
  }));

const allocationText = (notice: PaymentNotice): string =>
  allocationOf(notice)
    .map(({ invoice, amount }) => `${invoice}=${amount}`)
    .sort()
    .join(' ');

/** What an allocation leaves of its payment. */
export const notAllocated = (amount: Cents, allocation: readonly Allocation[]): Cents =>
  sum([amount, ...allocation.map((a) => negate(a.amount))]);

/** A payment that never was. */
export const reversedReceipt = <T extends PaymentNotice>(notice: T, reason: string): T =>
  changed(notice, {
    status: 'cancelled',
    extension: [...(notice.extension ?? []), { url: extension.reversalReason, valueString: reason }],
  });
