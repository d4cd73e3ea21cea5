import type { Encounter, Parameters } from '@medplum/fhirtypes';
import { referenceText, referenceTo, same } from '../datatypes/reference.ts';
import { resolve } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, unresolved } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter } from './parameters.ts';
import { estimateInput, visitOfEstimate } from './estimate/depositInput.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { recordPayment } from './payment/recordPayment.ts';

/**
 * POST [base]/Account/[id]/$record-payment: a copay or deposit before the bill, or a payment on whatever is open.
 * Money for an encounter is kept for its bill. Billing rule 71.
 */
export const accountRecordPayment: Operation = {
  definition: operationDefinition('Account-record-payment'),
  permission: 'record-payment',
  async run(call): Promise<Parameters> {
    const request = `Account/${call.target.id ?? ''}`;
    const of = await patientAccount(call, { reference: request }, 'Account');
    const estimate = await estimateInput(call, of);
    const encounter = (await visit(call, of)) ?? (estimate && (await visitOfEstimate(call, estimate)));
    // what is taken against an estimate pays no older Invoice: it waits for the one of its visit
    const isKept = encounter !== undefined || estimate !== undefined;
    return recordPayment(call, {
      request,
      of,
      where: isKept ? { encounter: encounter ?? '' } : {},
      encounter,
      ...(estimate ? { estimate: referenceText(estimate) } : {}),
    });
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
