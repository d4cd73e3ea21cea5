import { balanceOpened } from '../../billing/ledger/index.ts';
import { invoiceBroughtForward } from '../../billing/invoice/broughtForward.ts';
import { invoiceNumber } from '../../billing/invoice/issue.ts';
import { markOf } from '../../billing/opening/broughtForward.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import { openGuarantorTask } from '../charge/account.ts';
import type { Call } from '../operation.ts';
import { invoiceNumberKey, openedKey, reserveKey } from '../uniqueKey.ts';
import { accountFor, type Owned } from './owner.ts';
import type { BalanceToLoad, OpeningHead } from './toLoad.ts';
import { post } from '../closing/post.ts';

/** Writes what a patient still owed: an issued Invoice, and its amount in the books. */
export async function loadBalance(
  call: Call,
  head: OpeningHead,
  { item, owned, record }: { readonly item: BalanceToLoad; readonly owned: Owned; readonly record: string },
): Promise<string> {
  const { context, tx } = call;
  const { reference, content, amount, serviceDate, statementDate } = item;
  const account = await accountFor(call, head, owned);
  const invoice = await createResource(
    context,
    tx,
    invoiceBroughtForward({
      ...{ id: context.newId(), on: statementDate ?? head.date, patient: owned.patient, account },
      ...{ reference, amount, mark: markOf({ record, reference, content, open: amount, serviceDate }) },
    }),
  );
  const name = referenceText(invoice);
  await reserveKey(tx, openedKey(head.practice, 'balance', reference), name);
  await reserveKey(tx, invoiceNumberKey(invoiceNumber(invoice.id)), name);
  const posting = { id: context.newId(), on: head.date, account: referenceText(account) };
  await post(call, balanceOpened({ ...posting, cause: versionText(invoice), invoice: name, amount }));
  if (!invoice.recipient)
    await openGuarantorTask(call, { account: referenceText(account), patient: referenceText(owned.patient) });
  return name;
}
