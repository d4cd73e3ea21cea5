import type { Basic, PaymentNotice, PaymentReconciliation } from '@medplum/fhirtypes';
import { batchKinds, batchRecord, isBatchKind, type BatchKind } from '../billing/deposit/bankRecord.ts';
import { methodOf, type Method } from '../billing/payment/receipt.ts';
import { centsOf, subtract, sum, toText, zero, type Cents } from '../datatypes/cents.ts';
import { isDate } from '../datatypes/date.ts';
import { parseReference, referenceText } from '../datatypes/reference.ts';
import { createResource, find, readResource } from '../interaction/repository.ts';
import { conflict, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, unknownCode, unresolved, wrongValue, type Issue } from '../outcome/issue.ts';
import { requireToSee } from './call/callerView.ts';
import { practiceNamed } from './deposit/practiceNamed.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { parameter, parameters } from './parameters.ts';
import { batchedKey, holderOf, reserveKey } from './uniqueKey.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}')`;

/** Which receipts are in a batch where none is named; a lockbox names its own. */
const methodsOf: Readonly<Record<BatchKind, Method | undefined>> = {
  drawer: 'cash',
  check: 'check',
  card: 'card',
  eft: 'ach',
  lockbox: undefined,
};

/** A payment of a batch. */
interface Item {
  readonly name: string;
  readonly amount: Cents;
}

/** POST [base]/PaymentNotice/$close-batch: what is taken to the bank together, counted and closed. See docs/decision/0043 */
export const paymentNoticeCloseBatch: Operation = {
  definition: operationDefinition('PaymentNotice-close-batch'),
  permission: 'record-payment',
  async run(call): Promise<Basic> {
    const { context, tx, input } = call;
    const practice = await practiceNamed(call);
    const kind = parameter(input, 'kind')?.valueCode ?? '';
    const day = parameter(input, 'date')?.valueDate ?? call.on;
    const total = centsOf(parameter(input, 'total')?.valueMoney);
    const faults: Issue[] = [];
    if (!isBatchKind(kind))
      faults.push(unknownCode('batch-kind', `${at('kind')}.value`, `one of ${batchKinds.join(', ')}`));
    if (!isDate(day))
      faults.push(wrongValue('malformed-value', `${at('date')}.value`, 'the date must be a full date'));
    if (total === undefined)
      faults.push(
        wrongValue('malformed-amount', `${at('total')}.value`, 'an amount in US dollars and whole cents'),
      );
    if (!isBatchKind(kind) || total === undefined || faults.length > 0) throw unprocessable(faults);
    await tx.lock(`batch|${practice}|${kind}`);
    const named = parameters(input, 'item');
    const items =
      named.length > 0 ? await namedItems(call, practice) : await receiptsOf(call, { practice, kind, day });
    refuseDifference(items, total, parameter(input, 'count')?.valueUnsignedInt);
    const made = await createResource<Basic>(
      context,
      tx,
      batchRecord({
        ...{ kind, day, practice, total, items: items.map((i) => i.name) },
        closedBy: context.permits?.account ?? context.principal ?? '',
      }),
    );
    const name = referenceText(made);
    for (const item of items) await reserveKey(tx, batchedKey(item.name), name);
    await requireToSee(call.view, [name, ...items.map((i) => i.name)]);
    return made;
  },
};

/** The receipts and refunds of a method and day that are in no batch. */
async function receiptsOf(
  { tx }: Call,
  { practice, kind, day }: { readonly practice: string; readonly kind: BatchKind; readonly day: string },
): Promise<Item[]> {
  const method = methodsOf[kind];
  const found: Item[] = [];
  if (method === undefined) return found;
  for (const receipt of await find<PaymentNotice>(tx, 'PaymentNotice', { created: day, status: 'active' })) {
    const name = referenceText(receipt);
    if (receipt.recipient.reference !== practice || methodOf(receipt) !== method) continue;
    if (await holderOf(tx, batchedKey(name))) continue;
    found.push({ name, amount: centsOf(receipt.amount) ?? zero });
  }
  return found;
}

async function namedItems({ tx, input }: Call, practice: string): Promise<Item[]> {
  const items = new Map<string, Item>();
  for (const [i, { valueReference }] of parameters(input, 'item').entries()) {
    const target = parseReference(valueReference?.reference);
    const fault = (): never => {
      const text = 'names no payment of the practice that stands';
      throw unprocessable([unresolved('deposit-unknown', `${at('item')}[${i}].value`, text)]);
    };
    if (target?.type !== 'PaymentNotice' && target?.type !== 'PaymentReconciliation') return fault();
    const found = await readResource<PaymentNotice | PaymentReconciliation>(tx, target.type, target.id);
    const [of, amount] =
      found.resourceType === 'PaymentNotice'
        ? [found.recipient.reference, found.amount]
        : [found.requestor?.reference, found.paymentAmount];
    if (of !== practice || found.status !== 'active') return fault();
    const name = referenceText(found);
    const batch = await holderOf(tx, batchedKey(name));
    if (batch)
      throw conflict('batched-already', `${name} is in ${referenceText(batch)}`, `${at('item')}[${i}].value`);
    items.set(name, { name, amount: centsOf(amount) ?? zero });
  }
  return [...items.values()];
}

/** 422 where what was counted is not what is there. */
function refuseDifference(items: readonly Item[], total: Cents, count: number | undefined): void {
  const there = sum(items.map((i) => i.amount));
  const faults: Issue[] = [];
  if (items.length === 0)
    faults.push(
      businessFault('batch-empty', at('item'), 'no payment of this kind and day waits for a batch'),
    );
  else if (there !== total) {
    const text = `${toText(there)} was posted and ${toText(total)} was counted: ${toText(subtract(total, there))} lies between them`;
    faults.push(businessFault('batch-unbalanced', `${at('total')}.value`, text));
  } else if (count !== undefined && count !== items.length) {
    const text = `${items.length} payments were posted and ${count} were counted`;
    faults.push(businessFault('batch-unbalanced', `${at('count')}.value`, text));
  }
  if (faults.length > 0) throw unprocessable(faults);
}
