import type { Claim, Invoice, Parameters, PaymentNotice, Reference } from '@medplum/fhirtypes';
import { allocationOf, methodOf, payerOf, reversedReceipt } from '../billing/payment/receipt.ts';
import type { Entry, EntryReason } from '../datatypes/entry.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { parseReference, referenceText } from '../datatypes/reference.ts';
import { readResource, resolve, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, missing } from '../outcome/issue.ts';
import { extension } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { payerOfMoney } from './payment/payerOfMoney.ts';
import { freeNumber } from './payment/paymentReference.ts';
import { reversePayment, reverseRefund, type Undone } from './payment/reversePayment.ts';

type Notice = PaymentNotice & { id: string };

/** POST [base]/PaymentNotice/[id]/$reverse: a payment was mistyped or bounced; what it met is open again. */
export const paymentNoticeReverse: Operation = {
  definition: operationDefinition('PaymentNotice-reverse'),
  permission: 'reverse-payment',
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
    const posted = (await accountsOf(call, notice)).flatMap((of) => {
      const entry = of.journal.find((e) => isPosting(e, name));
      return entry ? [{ of, entry }] : [];
    });
    if (posted.length === 0) {
      const text = `${name} was not posted here, so there is nothing to take back`;
      throw unprocessable([businessFault('payment-not-posted', 'PaymentNotice', text)]);
    }
    const cancelled = await updateResource(context, tx, reversedReceipt(notice, reason));
    await free(call, notice);
    const undone: Undone[] = [];
    for (const { of, entry } of posted) {
      const undo = refunds.includes(entry.reason) ? reverseRefund : reversePayment;
      undone.push(await undo(call, of, { entry, notice: cancelled }));
    }
    const invoices = undone.flatMap((u) => u.invoices).map((i) => ['invoice', i] as const);
    const issues = undone.flatMap((u) => u.issues);
    const reversed = decided('reversed', 'PaymentNotice', `${name} is taken back`);
    return answer([['receipt', cancelled], ...invoices], [reversed, ...issues]);
  },
};

const refunds: readonly EntryReason[] = ['refund', 'payer-refund'];

const isPosting = ({ cause, reason }: Entry, name: string): boolean =>
  cause.startsWith(`${name}/`) &&
  (reason === 'patient-payment' || reason === 'opening-balance' || refunds.includes(reason));

/** The Accounts a receipt was posted on: that of its request, and those of the Invoices it was allocated to. */
async function accountsOf(call: Call, notice: Notice): Promise<PatientAccount[]> {
  const found = new Map<string, PatientAccount>();
  const requests = [notice.request, ...allocationOf(notice).map((a) => ({ reference: a.invoice }))];
  for (const request of requests) {
    const account = await accountOf(call, request);
    if (found.has(account?.reference ?? '')) continue;
    const of = await patientAccount(call, account, 'PaymentNotice.request');
    found.set(of.name, of);
  }
  return [...found.values()];
}

/** The Account of what a receipt is for: an Invoice, a claim whose payer was refunded, or the Account itself. */
async function accountOf({ tx }: Call, request: Reference | undefined): Promise<Reference | undefined> {
  const type = parseReference(request?.reference)?.type;
  if (type === 'Invoice') return (await resolve<Invoice>(tx, 'Invoice', request))?.account ?? request;
  if (type !== 'Claim') return request;
  const claim = await resolve<Claim>(tx, 'Claim', request);
  return claim && extensionOf(claim, extension.account)?.valueReference;
}

/** The number of a receipt that was taken back may be used again. */
async function free(call: Call, notice: Notice): Promise<void> {
  const practice = notice.recipient.reference ?? '';
  const kind = (notice.amount.value ?? 0) < 0 ? 'refund' : 'payment';
  const payer =
    kind === 'refund' ? practice : (payerOf(notice) ?? (await payerOfMoney(call, notice.request)));
  const reference = notice.payment.identifier?.value ?? '';
  const number = {
    kind,
    practice,
    payer,
    payerNamed: true,
    method: methodOf(notice) ?? '',
    reference,
  } as const;
  await freeNumber(call, number, notice);
}
