import type { Account, Invoice, Parameters } from '@medplum/fhirtypes';
import { placementOf, recalled } from '../billing/collection/placement.ts';
import { writeOffOf, writeOffReversed } from '../billing/ledger/index.ts';
import { sum, toText, zero, type Cents } from '../datatypes/cents.ts';
import { versionText } from '../datatypes/reference.ts';
import { resolve, updateResource } from '../interaction/repository.ts';
import { decided } from '../outcome/issue.ts';
import { post } from './closing/post.ts';
import { dayFor } from './collection/openInvoices.ts';
import { operationDefinition } from './definition.ts';
import type { Operation } from './operation.ts';
import { answer } from './parameters.ts';
import { patientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';

/** POST [base]/Account/[id]/$recall: what an agency has is asked for by the practice again. */
export const accountRecall: Operation = {
  definition: operationDefinition('Account-recall'),
  permission: 'collect',
  async run(call): Promise<Parameters> {
    const { context, tx } = call;
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const placement = placementOf(of.account);
    if (!placement)
      return answer(
        [['account', of.account]],
        [decided('already-there', 'Account', `${of.name} is with no agency`)],
      );
    let journal = of.journal;
    let amount: Cents = zero;
    for (const name of placement.invoices) {
      const known = writeOffOf(journal, name, placement.reference);
      const invoice = await resolve<Invoice>(tx, 'Invoice', { reference: name });
      if (!known || known.reversed || !invoice) continue;
      const back = writeOffReversed({
        id: context.newId(),
        on: dayFor(journal, name, call.on),
        cause: versionText(invoice),
        writtenOff: known.entry,
        cancelled: invoice.status === 'cancelled',
      });
      journal = [...journal, await post(call, back)];
      amount = sum([amount, ...back.postings.flatMap((p) => (p.amount > 0 ? [p.amount] : []))]);
    }
    await settleInvoices(call, journal, placement.invoices);
    const account = await updateResource<Account>(context, tx, recalled(of.account));
    const text = `${toText(amount)} is recalled from ${placement.agency}`;
    return answer([['account', account]], [decided('recalled', 'Account', text)]);
  },
};
