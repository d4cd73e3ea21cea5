import type { Money, Organization, PaymentNotice, Reference } from '@medplum/fhirtypes';
import { centsOf, negate, toMoney, type Cents } from '../../datatypes/cents.ts';
import { codeOf, concept } from '../../datatypes/coding.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { changed } from '../../datatypes/json.ts';
import { extension, system } from '../../terminology/system.ts';

export const methods = ['cash', 'check', 'card', 'ach', 'other'] as const;
export type Method = (typeof methods)[number];
export const isMethod = (code: string): code is Method => (methods as readonly string[]).includes(code);

/** A payment of a patient, or a refund to one. */
export interface Payment {
  readonly request: string; // Invoice/1 or Account/1
  readonly amount: Cents;
  readonly method: Method;
  readonly reference: string; // unique per practice
  readonly practice: Reference<Organization>;
  readonly encounter?: string | undefined; // the visit it is kept for
}

/** The receipt of a payment. See https://hl7.org/fhir/R4/paymentnotice.html */
export function receipt(payment: Payment, { on, date }: { on: string; date: string }): PaymentNotice {
  const { request, amount, method, reference, practice, encounter } = payment;
  return {
    resourceType: 'PaymentNotice',
    extension: [
      { url: extension.paymentMethod, valueCodeableConcept: concept(system.paymentMethod, method) },
      ...(encounter === undefined
        ? []
        : [{ url: extension.encounter, valueReference: { reference: encounter } }]),
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

/** The receipt of money given back: its amount is negative, so that receipts add up to the patients' cash. */
export const refundReceipt = (payment: Payment, dates: { on: string; date: string }): PaymentNotice =>
  changed(receipt(payment, dates), { amount: toMoney(negate(payment.amount)) });

const sameMoney = (a: Money, b: Money): boolean => centsOf(a) === centsOf(b);

/** True when a reference used before was for the same thing: what it paid, amount, method and visit. */
export const sameReceipt = (a: PaymentNotice, b: PaymentNotice): boolean =>
  a.request?.reference === b.request?.reference &&
  sameMoney(a.amount, b.amount) &&
  methodOf(a) === methodOf(b) &&
  visitOf(a) === visitOf(b);

const methodOf = (notice: PaymentNotice): string | undefined =>
  codeOf(extensionOf(notice, extension.paymentMethod)?.valueCodeableConcept, system.paymentMethod);

export const visitOf = (notice: PaymentNotice): string | undefined =>
  extensionOf(notice, extension.encounter)?.valueReference?.reference;

/** A payment that never was. */
export const reversedReceipt = <T extends PaymentNotice>(notice: T, reason: string): T =>
  changed(notice, {
    status: 'cancelled',
    extension: [...(notice.extension ?? []), { url: extension.reversalReason, valueString: reason }],
  });
