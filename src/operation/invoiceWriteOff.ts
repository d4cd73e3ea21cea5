import type { Invoice, Parameters } from '@medplum/fhirtypes';
import { payableOn, writeOff, writeOffAccount, type WriteOffReason } from '../billing/ledger/index.ts';
import { allocate } from '../billing/payment/allocate.ts';
import { readAmount } from '../billing/payment/amount.ts';
import { sum, toText } from '../datatypes/cents.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unknownCode } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { assertIssued } from './invoice/issuedInvoice.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';

const isReason = (code: string): code is WriteOffReason => Object.hasOwn(writeOffAccount, code);

/** POST [base]/Invoice/[id]/$write-off: gives up part of what is open on an Invoice. */
export const invoiceWriteOff: Operation = {
  definition: operationDefinition('Invoice-write-off'),
  async run(call): Promise<Parameters> {
    const { tx, context, input } = call;
    const invoice = await readResource<Invoice & { id: string }>(tx, 'Invoice', call.target.id ?? '');
    const at = "Parameters.parameter.where(name='amount').value";
    const amount = readAmount(parameter(input, 'amount')?.valueMoney, at);
    const why = parameter(input, 'reason')?.valueCode ?? '';
    if (typeof amount !== 'number' || !isReason(why)) {
      const reasons = Object.keys(writeOffAccount).join(', ');
      const place = "Parameters.parameter.where(name='reason').value";
      throw unprocessable([
        ...(typeof amount === 'number' ? [] : [amount]),
        ...(isReason(why) ? [] : [unknownCode('write-off-reason', place, `the reason is one of ${reasons}`)]),
      ]);
    }
    assertIssued(invoice);
    const of = await patientAccount(call, invoice.account, 'Invoice.account');
    const name = referenceText(invoice);
    const issued = invoice.date ?? call.on;
    const on = call.on < issued ? issued : call.on;
    const open = payableOn(of.journal, { invoice: name }, on);
    const { applied, rest } = allocate(amount, open);
    if (rest > 0) {
      const text = `open on ${name} is ${toText(sum(open.map((l) => l.amount)))}`;
      throw unprocessable([businessFault('above-open-amount', `${at}.value`, text)]);
    }
    const head = { id: context.newId(), on, account: of.name, cause: versionText(invoice) };
    const entry = writeOff({ ...head, invoice: name, why, lines: applied });
    await tx.append(entry);
    const [settled = invoice] = await settleInvoices(call, [...of.journal, entry], [name]);
    const text = `${toText(amount)} of ${name} is written off: ${why}`;
    return answer([['invoice', settled]], [decided('written-off', 'Invoice', text)]);
  },
};
