import type { PaymentNotice } from '@medplum/fhirtypes';
import { creditOpened } from '../../billing/ledger/index.ts';
import { markOf } from '../../billing/opening/broughtForward.ts';
import { receipt } from '../../billing/payment/receipt.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { createResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { payerOfMoney } from '../payment/payerOfMoney.ts';
import { takeNumber } from '../payment/paymentReference.ts';
import { openedKey, reserveKey } from '../uniqueKey.ts';
import { accountFor, type Owned } from './owner.ts';
import type { CreditToLoad, OpeningHead } from './toLoad.ts';
import { post } from '../closing/post.ts';

/** Writes what a patient had paid ahead: the receipt of it, and the credit in the books. No cash came in here. */
export async function loadCredit(
  call: Call,
  head: OpeningHead,
  { item, owned, record }: { readonly item: CreditToLoad; readonly owned: Owned; readonly record: string },
): Promise<string> {
  const { context, tx } = call;
  const { reference, content, amount, date, method } = item;
  const account = referenceText(await accountFor(call, head, owned));
  const payer = await payerOfMoney(call, { reference: account });
  const made = receipt(
    { request: account, amount, method, reference, practice: { reference: head.practice }, payer },
    { on: head.date, date },
  );
  const mark = markOf({ record, reference, content, open: amount });
  const notice = await createResource<PaymentNotice>(
    context,
    tx,
    changed(made, { extension: [...(made.extension ?? []), mark] }),
  );
  const name = referenceText(notice);
  await reserveKey(tx, openedKey(head.practice, 'credit', reference), name);
  const number = {
    kind: 'payment',
    practice: head.practice,
    payer,
    payerNamed: true,
    method,
    reference,
  } as const;
  await takeNumber(call, number, notice);
  await post(
    call,
    creditOpened({ id: context.newId(), on: head.date, account, cause: versionText(notice), amount }),
  );
  return name;
}
