import type { Parameters } from '@medplum/fhirtypes';
import {
  isMethod,
  methods,
  notAllocated,
  type Allocation,
  type Method,
} from '../../billing/payment/receipt.ts';
import { readAmount } from '../../billing/payment/amount.ts';
import type { Cents } from '../../datatypes/cents.ts';
import { isDate } from '../../datatypes/date.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import {
  businessFault,
  missing,
  unknownCode,
  unresolved,
  wrongValue,
  type Issue,
} from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';

/** What a payment or refund is told. */
export interface PaymentInput {
  readonly amount: Cents;
  readonly method: Method;
  /** Its number; only cash may have none, and gets ours. */
  readonly reference: string | undefined;
  readonly date: string; // when it was paid
  /** When it is posted: the business date where one is given, else the day it was paid. */
  readonly on: string;
}

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** Reads amount, method, reference and date; 422 with every fault at once. */
export function paymentInput(call: Call): PaymentInput {
  const { input, today } = call;
  const amount = readAmount(parameter(input, 'amount')?.valueMoney, at('amount'));
  const method = parameter(input, 'method')?.valueCode ?? '';
  const reference = parameter(input, 'reference')?.valueString?.trim() ?? '';
  const given = parameter(input, 'date')?.valueDate;
  const faults: Issue[] = [
    ...(typeof amount === 'number' ? [] : [amount]),
    ...(isMethod(method)
      ? []
      : [unknownCode('payment-method', at('method'), `the method is one of ${methods.join(', ')}`)]),
    ...(reference === '' && method !== 'cash'
      ? [missing('reference-missing', at('reference'), 'a payment that is not cash has a reference')]
      : []),
    ...(given === undefined || isDate(given)
      ? []
      : [wrongValue('malformed-value', at('date'), 'the date must be a full date')]),
    ...(given !== undefined && isDate(given) && given > today
      ? [wrongValue('date-in-future', at('date'), `the date is after ${today}`)]
      : []),
  ];
  if (typeof amount !== 'number' || !isMethod(method) || faults.length > 0) throw unprocessable(faults);
  const on = parameter(input, 'businessDate') ? call.on : (given ?? call.on);
  return { amount, method, reference: reference === '' ? undefined : reference, date: given ?? on, on };
}

/** Which Invoices a payment is meant for; none when it is not told. 422 when that is more than was paid. */
export function allocationInput(input: Parameters, amount: Cents): Allocation[] {
  const faults: Issue[] = [];
  const named = new Set<string>();
  const allocation = (input.parameter ?? []).flatMap((p, i): Allocation[] => {
    if (p.name !== 'allocation') return [];
    const place = (part: string): string => `Parameters.parameter[${i}].part.where(name='${part}').value`;
    const part = (name: string) => p.part?.find((x) => x.name === name);
    const target = parseReference(part('invoice')?.valueReference?.reference);
    const money = readAmount(part('amount')?.valueMoney, place('amount'));
    if (typeof money !== 'number') faults.push(money);
    if (target?.type !== 'Invoice') {
      faults.push(unresolved('invoice-unknown', place('invoice'), 'names no Invoice'));
      return [];
    }
    const invoice = `Invoice/${target.id}`;
    if (named.has(invoice)) {
      const text = `${invoice} is named twice`;
      faults.push(businessFault('invoice-repeated', place('invoice'), text));
    }
    named.add(invoice);
    return typeof money === 'number' ? [{ invoice, amount: money }] : [];
  });
  if (faults.length > 0) throw unprocessable(faults);
  if (notAllocated(amount, allocation) < 0) {
    const text = 'more is allocated than was paid';
    throw unprocessable([businessFault('allocated-above-amount', 'Parameters.parameter', text)]);
  }
  return allocation;
}
