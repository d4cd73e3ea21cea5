import { isMethod, methods, type Method } from '../../billing/payment/receipt.ts';
import { readAmount } from '../../billing/payment/amount.ts';
import type { Cents } from '../../datatypes/cents.ts';
import { isDate } from '../../datatypes/date.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { missing, unknownCode, wrongValue, type Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { parameter } from '../parameters.ts';

/** What a payment or refund is told. */
export interface PaymentInput {
  readonly amount: Cents;
  readonly method: Method;
  readonly reference: string;
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
    ...(reference === '' ? [missing('reference-missing', at('reference'), 'a payment has a reference')] : []),
    ...(given === undefined || isDate(given)
      ? []
      : [wrongValue('malformed-value', at('date'), 'the date must be a full date')]),
    ...(given !== undefined && isDate(given) && given > today
      ? [wrongValue('date-in-future', at('date'), `the date is after ${today}`)]
      : []),
  ];
  if (typeof amount !== 'number' || !isMethod(method) || faults.length > 0) throw unprocessable(faults);
  const on = parameter(input, 'businessDate') ? call.on : (given ?? call.on);
  return { amount, method, reference, date: given ?? on, on };
}
