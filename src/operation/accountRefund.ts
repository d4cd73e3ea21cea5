import type { Parameters } from '@medplum/fhirtypes';
import { allCredit, refund, takeCredit } from '../billing/ledger/index.ts';
import { ownNumber, refundReceipt } from '../billing/payment/receipt.ts';
import { add, subtract, sum, toText } from '../datatypes/cents.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { changed } from '../datatypes/json.ts';
import { createResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { requireNoTakeback } from './collection/takeback.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { paymentInput } from './payment/paymentInput.ts';
import { knownReceipt, refundNumber, takeNumber } from './payment/paymentReference.ts';
import { refundedToday } from './payment/refundedToday.ts';
import { post } from './closing/post.ts';

/** POST [base]/Account/[id]/$refund: gives unapplied credit back to the patient, never more than there is. */
export const accountRefund: Operation = {
  definition: operationDefinition('Account-refund'),
  permission: 'refund',
  async run(call): Promise<Parameters> {
    const { tx, context } = call;
    const request = `Account/${call.target.id ?? ''}`;
    const told = paymentInput(call);
    const of = await patientAccount(call, { reference: request }, 'Account');
    const id = context.newId();
    const reference = told.reference ?? ownNumber('RCPT', id);
    const wanted = refundReceipt({ ...told, reference, request, practice: of.practice }, told);
    const practice = of.practice.reference ?? '';
    const number = refundNumber(practice, told.method, reference);
    const known = await knownReceipt(call, number, wanted);
    if (known.receipt) return answer([['receipt', known.receipt]], known.issues);
    await requireNoTakeback(call, of);
    const { taken, short } = takeCredit(allCredit(of.journal, [], told.on), told.amount);
    if (short > 0) {
      const there = subtract(told.amount, short);
      const text = `the unapplied credit on ${told.on} is ${toText(there)}`;
      const at = "Parameters.parameter.where(name='amount').value.value";
      throw unprocessable([businessFault('above-unapplied-credit', at, text)]);
    }
    const waiting = await secondPerson(call, {
      operation: 'refund',
      amount: told.amount,
      atStake: add(told.amount, await refundedToday(call, of)),
      patient: referenceText(of.patient),
      practice: of.practice,
    });
    if (waiting) return waiting;
    const notice = await createResource(context, tx, changed(wanted, { id }));
    await takeNumber(call, number, notice);
    const head = { id: context.newId(), on: told.on, account: of.name, cause: versionText(notice) };
    await post(call, refund({ ...head, from: taken }));
    const text = `${toText(sum(taken.map((c) => c.amount)))} is given back`;
    return answer([['receipt', notice]], [decided('created', 'PaymentNotice', text), ...known.issues]);
  },
};
