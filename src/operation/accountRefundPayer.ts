import type { Claim, Parameters } from '@medplum/fhirtypes';
import { balance, lastPosted, payerRefund } from '../billing/ledger/index.ts';
import { ownNumber, refundReceipt } from '../billing/payment/receipt.ts';
import { add, negate, toText } from '../datatypes/cents.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { changed } from '../datatypes/json.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { unversioned } from '../datatypes/sentVersion.ts';
import { createResource, resolve } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unresolved } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { post } from './closing/post.ts';
import { requireNoTakeback } from './collection/takeback.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { paymentInput } from './payment/paymentInput.ts';
import { knownReceipt, refundNumber, takeNumber } from './payment/paymentReference.ts';
import { refundedToday } from './payment/refundedToday.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** POST [base]/Account/[id]/$refund-payer: gives back what a payer paid beyond what stood on a claim. */
export const accountRefundPayer: Operation = {
  definition: operationDefinition('Account-refund-payer'),
  permission: 'refund',
  async run(call): Promise<Parameters> {
    const { tx, context, input } = call;
    const told = paymentInput(call);
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const claim = await resolve<Claim>(tx, 'Claim', parameter(input, 'claim')?.valueReference);
    if (
      claim?.id === undefined ||
      extensionOf(claim, extension.account)?.valueReference?.reference !== of.name
    )
      throw unprocessable([unresolved('claim-unknown', at('claim'), `names no Claim of ${of.name}`)]);
    const name = `Claim/${claim.id}`;
    const payer = (claim.insurer && unversioned(claim.insurer))?.reference ?? '';
    const id = context.newId();
    const reference = told.reference ?? ownNumber('RCPT', id);
    const practice = of.practice.reference ?? '';
    const wanted = refundReceipt({ ...told, reference, request: name, practice: of.practice, payer }, told);
    const number = refundNumber(practice, told.method, reference);
    const known = await knownReceipt(call, number, wanted);
    if (known.receipt) return answer([['receipt', known.receipt]], known.issues);
    await requireNoTakeback(call, of, [name]);
    const there = negate(balance(of.journal, { account: 'unapplied-payer-credit', claim: name }));
    if (told.amount > there) {
      const text = `the credit of the payer on ${name} is ${toText(there)}`;
      throw unprocessable([businessFault('above-payer-credit', `${at('amount')}.value`, text)]);
    }
    const waiting = await secondPerson(call, {
      operation: 'refund-payer',
      permission: 'refund',
      amount: told.amount,
      atStake: add(told.amount, await refundedToday(call, of)),
      patient: referenceText(of.patient),
      practice: of.practice,
    });
    if (waiting) return waiting;
    const last = lastPosted(of.journal, new Set([name]));
    const on = last > told.on ? last : told.on;
    const notice = await createResource(context, tx, changed(wanted, { id, created: on }));
    await takeNumber(call, number, notice);
    const head = { id: context.newId(), on, account: of.name, cause: versionText(notice) };
    await post(call, payerRefund({ ...head, claim: name, payer, amount: told.amount }));
    const text = `${toText(told.amount)} of ${name} is given back to the payer`;
    return answer([['receipt', notice]], [decided('created', 'PaymentNotice', text), ...known.issues]);
  },
};
