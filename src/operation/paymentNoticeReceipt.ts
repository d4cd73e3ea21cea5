import type { Binary, Invoice, Organization, Parameters, PaymentNotice } from '@medplum/fhirtypes';
import { isSensitive } from '../access/sensitive.ts';
import { ownNumber } from '../billing/payment/receipt.ts';
import { centsOf, negate, zero } from '../datatypes/cents.ts';
import { codeOf } from '../datatypes/coding.ts';
import { dateOf } from '../datatypes/date.ts';
import { extensionOf } from '../datatypes/extension.ts';
import { without } from '../datatypes/json.ts';
import { idOf, referenceText } from '../datatypes/reference.ts';
import { readResource, resolve } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { extension, system } from '../terminology/system.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { giveDocument } from './statement/giveDocument.ts';
import type { ToKeep } from './statement/keepDocument.ts';
import { receiptLetter } from './statement/receiptLetter.ts';
import { guarantorRecipient, patientRecipient } from './statement/recipient.ts';

/** POST [base]/PaymentNotice/[id]/$receipt: what was paid, as PDF for who paid it; kept, and the same again. */
export const paymentNoticeReceipt: Operation = {
  definition: operationDefinition('PaymentNotice-receipt'),
  permission: 'record-payment',
  async run(call): Promise<Parameters> {
    const { tx, context, target } = call;
    const notice = await readResource<PaymentNotice & { id: string }>(tx, 'PaymentNotice', target.id ?? '');
    if (notice.status !== 'active')
      throw conflict('receipt-not-standing', 'the payment was taken back', 'PaymentNotice.status');
    const invoice = await resolve<Invoice>(tx, 'Invoice', notice.request);
    const of = await patientAccount(call, invoice?.account ?? notice.request, 'PaymentNotice.request');
    const practice = await resolve<Organization>(tx, 'Organization', of.practice);
    if (practice?.id === undefined)
      throw unprocessable([businessFault('practice-unknown', 'Account.owner', 'names no practice')]);
    const on = dateOf(notice.paymentDate ?? notice.created);
    const payer = extensionOf(notice, extension.payer)?.valueReference ?? invoice?.recipient;
    const isOther = payer !== undefined && idOf(payer, 'Patient') !== of.patient.id;
    const recipient = isOther
      ? await guarantorRecipient(tx, payer, { patient: of.patient, on })
      : patientRecipient(of.patient, on, false);
    const id = context.newId();
    const amount = centsOf(notice.amount) ?? zero;
    const keep: ToKeep = {
      type: 'receipt',
      of: referenceText(notice),
      number: ownNumber('RCPT', id),
      practice: `Organization/${practice.id}`,
      subject: `Patient/${of.patient.id}`,
      recipient: recipient.reference.reference ?? '',
      channel: recipient.channel,
      language: recipient.language,
      labels: (notice.meta?.security ?? []).filter(isSensitive),
      related: [referenceText(notice), of.name, ...(invoice ? [referenceText(invoice)] : [])],
      figures: [],
    };
    const letter = () =>
      receiptLetter({
        practice,
        recipient,
        on,
        number: notice.payment.identifier?.value ?? keep.number,
        amount: amount < 0 ? negate(amount) : amount,
        isRefund: amount < 0,
        method: codeOf(
          extensionOf(notice, extension.paymentMethod)?.valueCodeableConcept,
          system.paymentMethod,
        ),
        account: of.account.identifier?.[0]?.value ?? of.account.id,
        invoice: invoice?.identifier?.[0]?.value,
      });
    const { document, pdf, isNew } = await giveDocument(call, { id, keep, letter });
    const decision = isNew
      ? decided('created', 'DocumentReference', `${referenceText(document)} is the receipt`)
      : decided('already-there', 'DocumentReference', 'this receipt was given; nothing was written again');
    return answer([['receipt', document], ...(pdf ? [['pdf', handedOver(pdf)] as const] : [])], [decision]);
  },
};

/** The PDF without its id: who may take a payment hands its receipt over, and need not see the record that is kept. */
const handedOver = (pdf: Binary): Binary => without(pdf, 'id', 'meta', 'securityContext');
