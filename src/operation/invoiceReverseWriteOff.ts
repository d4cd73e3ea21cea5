import type { Invoice, Parameters } from '@medplum/fhirtypes';
import { writeOffOf, writeOffReversed } from '../billing/ledger/index.ts';
import { sameReference } from '../billing/payment/receipt.ts';
import { sum, toText } from '../datatypes/cents.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { decided, missing, unresolved, warning } from '../outcome/issue.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';
import { post } from './closing/post.ts';

const at = "Parameters.parameter.where(name='reference').value";

/** POST [base]/Invoice/[id]/$reverse-write-off: what was given up is asked for again. */
export const invoiceReverseWriteOff: Operation = {
  definition: operationDefinition('Invoice-reverse-write-off'),
  permission: 'write-off',
  async run(call): Promise<Parameters> {
    const { tx, context, input } = call;
    const invoice = await readResource<Invoice & { id: string }>(tx, 'Invoice', call.target.id ?? '');
    const reference = sameReference(parameter(input, 'reference')?.valueString ?? '');
    if (reference === '')
      throw unprocessable([missing('reference-missing', at, 'a write-off has a reference')]);
    const of = await patientAccount(call, invoice.account, 'Invoice.account');
    const name = referenceText(invoice);
    const known = writeOffOf(of.journal, name, reference);
    if (!known) {
      const text = `nothing of ${name} was written off under ${reference}`;
      throw unprocessable([unresolved('write-off-unknown', at, text)]);
    }
    if (known.reversed) {
      const text = `the write-off ${reference} is reversed already`;
      return answer([['invoice', invoice]], [decided('already-there', 'Invoice', text)]);
    }
    const { entry } = known;
    if (entry.text === 'written off: agency')
      throw conflict(
        'placed-with-agency',
        `${reference} is with an agency: Account/[id]/$recall takes it back`,
        at,
      );
    const cancelled = invoice.status === 'cancelled';
    const last = of.journal.findLast((e) => e.postings.some((p) => p.invoice === name))?.on ?? entry.on;
    const on = [entry.on, last].reduce((a, b) => (b > a ? b : a), call.on);
    const back = writeOffReversed({
      id: context.newId(),
      on,
      cause: versionText(invoice),
      writtenOff: entry,
      cancelled,
    });
    await post(call, back);
    const [settled = invoice] = await settleInvoices(call, [...of.journal, back], [name]);
    const amount = toText(sum(entry.postings.filter((p) => p.amount > 0).map((p) => p.amount)));
    return answer(
      [['invoice', settled]],
      [
        decided('reversed', 'Invoice', `the write-off ${reference} of ${amount} is taken back`),
        ...(cancelled
          ? [warning('not-invoiced', 'Invoice', `${name} is cancelled: $generate-invoice asks for ${amount}`)]
          : []),
      ],
    );
  },
};
