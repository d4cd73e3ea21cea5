import type { Basic, Invoice, Parameters } from '@medplum/fhirtypes';
import { decidedOn, readApplication } from '../billing/collection/assistance.ts';
import { writeOffOf, writeOffReversed } from '../billing/ledger/index.ts';
import { sum, toText, zero } from '../datatypes/cents.ts';
import type { Entry } from '../datatypes/entry.ts';
import { versionText } from '../datatypes/reference.ts';
import { readResource, resolve, updateResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { isApplication } from './books/keptBy.ts';
import { post } from './closing/post.ts';
import { dayFor } from './collection/openInvoices.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';

/** POST [base]/Basic/[id]/$reverse-assistance: what was granted on a wrong ground is asked for again. */
export const basicReverseAssistance: Operation = {
  definition: operationDefinition('Basic-reverse-assistance'),
  permission: 'approve',
  async run(call): Promise<Parameters> {
    const { context, tx, input, on } = call;
    const record = await readResource<Basic & { id: string }>(tx, 'Basic', call.target.id ?? '');
    const name = `Basic/${record.id}`;
    if (!(await isApplication(tx, record)))
      throw unprocessable([businessFault('not-an-application', 'Basic.code', `${name} is no application`)]);
    const { account, status, writeOffs } = readApplication(record);
    if (status === 'reversed')
      return answer([['application', record]], [decided('already-there', 'Basic', `${name} is reversed`)]);
    if (status !== 'granted') throw conflict('not-to-be-done', `${name} is ${status}`, 'Basic.extension');
    const of = await patientAccount(call, { reference: account }, 'Basic.extension');
    let journal: readonly Entry[] = of.journal;
    let amount = zero;
    for (const { reference, invoice: at } of writeOffs) {
      const known = writeOffOf(journal, at, reference);
      const invoice = await resolve<Invoice>(tx, 'Invoice', { reference: at });
      if (!known || known.reversed || !invoice) continue;
      const back = await post(
        call,
        writeOffReversed({
          ...{ id: context.newId(), on: dayFor(journal, at, on), cause: versionText(invoice) },
          ...{ writtenOff: known.entry, cancelled: invoice.status === 'cancelled' },
        }),
      );
      journal = [...journal, back];
      amount = sum([amount, ...back.postings.flatMap((p) => (p.amount > 0 ? [p.amount] : []))]);
    }
    await settleInvoices(
      call,
      journal,
      writeOffs.map((w) => w.invoice),
    );
    const reason = parameter(input, 'reason')?.valueString?.trim();
    const written = await updateResource(context, tx, decidedOn(record, { status: 'reversed', on, reason }));
    return answer(
      [['application', written]],
      [decided('reversed', 'Basic', `${toText(amount)} is asked for again`)],
    );
  },
};
