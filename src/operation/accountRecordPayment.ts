import type { Encounter, Invoice, Parameters } from '@medplum/fhirtypes';
import { receipt } from '../billing/payment/receipt.ts';
import { referenceText, referenceTo, same } from '../datatypes/reference.ts';
import { resolve } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, unresolved } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { paymentInput } from './payment/paymentInput.ts';
import { knownReceipt, keyOfPayment, receivePayment, repeated } from './payment/receivePayment.ts';

/**
 * POST [base]/Account/[id]/$record-payment: a copay or deposit before the bill, or a payment on whatever is open.
 * Money for an encounter is kept for its bill. Billing rule 71.
 */
export const accountRecordPayment: Operation = {
  definition: operationDefinition('Account-record-payment'),
  async run(call): Promise<Parameters> {
    const request = `Account/${call.target.id ?? ''}`;
    const told = paymentInput(call);
    const of = await patientAccount(call, { reference: request }, 'Account');
    const encounter = await visit(call, of);
    const payment = { ...told, request, practice: of.practice, encounter };
    const known = await knownReceipt(call, keyOfPayment(payment), receipt(payment, payment));
    if (known) return answer([['receipt', known]], repeated(known));
    const where = encounter === undefined ? {} : { encounter };
    const received = await receivePayment(call, of, { ...payment, where });
    const invoices = received.invoices.map((i: Invoice) => ['invoice', i] as const);
    return answer([['receipt', received.receipt], ...invoices], received.issues);
  },
};

/** The encounter that the money is for: one of the Account's patient. */
async function visit(call: Call, of: PatientAccount): Promise<string | undefined> {
  const reference = parameter(call.input, 'encounter')?.valueReference;
  if (reference === undefined) return undefined;
  const at = "Parameters.parameter.where(name='encounter').value";
  const encounter = await resolve<Encounter>(call.tx, 'Encounter', reference);
  if (!encounter)
    throw unprocessable([unresolved('encounter-unknown', at, 'names no Encounter that is here')]);
  if (!same(encounter.subject, referenceTo(of.patient))) {
    const text = `${referenceText(encounter)} is of another patient than ${of.name}`;
    throw unprocessable([businessFault('encounter-of-another-patient', at, text)]);
  }
  return referenceText(encounter);
}
