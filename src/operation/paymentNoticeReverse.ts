import type { Invoice, Parameters, PaymentNotice } from '@medplum/fhirtypes';
import { reversedReceipt } from '../billing/payment/receipt.ts';
import { parseReference, referenceText } from '../datatypes/reference.ts';
import { readResource, resolve, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, missing } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { reversePayment, reverseRefund } from './payment/reversePayment.ts';

type Notice = PaymentNotice & { id: string };

/** POST [base]/PaymentNotice/[id]/$reverse: a payment was mistyped or bounced; what it met is open again. */
export const paymentNoticeReverse: Operation = {
  definition: operationDefinition('PaymentNotice-reverse'),
  async run(call): Promise<Parameters> {
    const { tx, context } = call;
    const notice = await readResource<Notice>(tx, 'PaymentNotice', call.target.id ?? '');
    const reason = parameter(call.input, 'reason')?.valueString?.trim() ?? '';
    if (reason === '') {
      const at = "Parameters.parameter.where(name='reason').value";
      throw unprocessable([missing('reason-missing', at, 'a reversal has a reason')]);
    }
    const name = referenceText(notice);
    if (notice.status === 'cancelled') {
      return answer(
        [['receipt', notice]],
        [decided('already-there', 'PaymentNotice', `${name} is reversed already`)],
      );
    }
    const of = await accountOf(call, notice);
    const entry = of.journal.find(
      (e) => e.cause.startsWith(`${name}/`) && (e.reason === 'patient-payment' || e.reason === 'refund'),
    );
    if (!entry) {
      const text = `${name} was not posted here, so there is nothing to take back`;
      throw unprocessable([businessFault('payment-not-posted', 'PaymentNotice', text)]);
    }
    const cancelled = await updateResource(context, tx, reversedReceipt(notice, reason));
    const undo = entry.reason === 'refund' ? reverseRefund : reversePayment;
    const { invoices, issues } = await undo(call, of, { entry, notice: cancelled });
    const resources = [['receipt', cancelled] as const, ...invoices.map((i) => ['invoice', i] as const)];
    return answer(resources, [decided('reversed', 'PaymentNotice', `${name} is taken back`), ...issues]);
  },
};

/** The Account of a receipt: the one it names, or the one of the Invoice it names. */
async function accountOf(call: Call, notice: Notice): Promise<PatientAccount> {
  const ofInvoice = parseReference(notice.request?.reference)?.type === 'Invoice';
  const invoice = ofInvoice ? await resolve<Invoice>(call.tx, 'Invoice', notice.request) : undefined;
  return patientAccount(call, invoice ? invoice.account : notice.request, 'PaymentNotice.request');
}
