import type { Parameters } from '@medplum/fhirtypes';
import { creditOn, refund, takeCredit, usableCredit } from '../billing/ledger/index.ts';
import { refundReceipt } from '../billing/payment/receipt.ts';
import { subtract, sum, toText } from '../datatypes/cents.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { createResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { refundKey, reserveKey } from './uniqueKey.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { paymentInput } from './payment/paymentInput.ts';
import { knownReceipt, repeated } from './payment/receivePayment.ts';

/** POST [base]/Account/[id]/$refund: gives unapplied credit back to the patient, never more than there is. */
export const accountRefund: Operation = {
  definition: operationDefinition('Account-refund'),
  async run(call): Promise<Parameters> {
    const { tx, context } = call;
    const request = `Account/${call.target.id ?? ''}`;
    const told = paymentInput(call);
    const of = await patientAccount(call, { reference: request }, 'Account');
    const payment = { ...told, request, practice: of.practice };
    const wanted = refundReceipt(payment, payment);
    const key = refundKey(of.practice.reference ?? '', told.reference);
    const known = await knownReceipt(call, key, wanted);
    if (known) return answer([['receipt', known]], repeated(known));
    const free = usableCredit(of.journal, [], told.on); // what is kept for a visit to come goes last
    const kept = creditOn(of.journal, told.on).filter((c) => !free.some((f) => f.encounter === c.encounter));
    const { taken, short } = takeCredit([...free, ...kept], told.amount);
    if (short > 0) {
      const there = subtract(told.amount, short);
      const text = `the unapplied credit on ${told.on} is ${toText(there)}`;
      const at = "Parameters.parameter.where(name='amount').value.value";
      throw unprocessable([businessFault('above-unapplied-credit', at, text)]);
    }
    const notice = await createResource(context, tx, wanted);
    await reserveKey(tx, key, referenceText(notice));
    const head = { id: context.newId(), on: told.on, account: of.name, cause: versionText(notice) };
    await tx.append(refund({ ...head, from: taken }));
    const text = `${toText(sum(taken.map((c) => c.amount)))} is given back`;
    return answer([['receipt', notice]], [decided('created', 'PaymentNotice', text)]);
  },
};
