import type { Issue } from '../../outcome/issue.ts';
import { businessFault } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { payerOfMoney } from '../payment/payerOfMoney.ts';
import { sameReference } from '../../billing/payment/receipt.ts';
import { holderOf, receiptKey } from '../uniqueKey.ts';
import { loadBalance } from './loadBalance.ts';
import { loadClaim } from './loadClaim.ts';
import { loadCredit } from './loadCredit.ts';
import { lookAtClaim, type LookedClaim } from './lookAtClaim.ts';
import { openedBefore } from './opened.ts';
import { ownerOf, type Owned } from './owner.ts';
import type { CreditToLoad, OpeningHead, ToLoad } from './toLoad.ts';

/** A part with what was found of it. */
export interface LookedPart extends Omit<LookedClaim, 'payer'> {
  readonly item: ToLoad;
  readonly known?: string;
  readonly payer?: string;
}

/** Looks at every part before any is written, so that all faults are told at once. */
export async function lookAtParts(
  call: Call,
  head: OpeningHead,
  items: readonly ToLoad[],
): Promise<LookedPart[]> {
  const looked: LookedPart[] = [];
  for (const item of items) looked.push({ item, ...(await lookAt(call, head, item)) });
  return looked;
}

async function lookAt(call: Call, head: OpeningHead, item: ToLoad): Promise<Omit<LookedPart, 'item'>> {
  const before = item.reference === '' ? undefined : await openedBefore(call, head, item);
  if (before) return before;
  if (item.kind === 'claim') return lookAtClaim(call, head, item);
  const { owned, faults } = await ownerOf(call, head, item);
  const conflicts =
    item.kind === 'credit' && owned ? await receiptConflicts(call, head, { item, owned }) : [];
  return { ...(owned ? { owned } : {}), faults, conflicts };
}

/** A receipt with the number of a credit stands here already: it would be the same money twice. */
async function receiptConflicts(
  call: Call,
  { practice }: OpeningHead,
  { item, owned }: { readonly item: CreditToLoad; readonly owned: Owned },
): Promise<Issue[]> {
  const request = owned.account ? `Account/${owned.account.id}` : undefined;
  const payer =
    request === undefined ? `Patient/${owned.patient.id}` : await payerOfMoney(call, { reference: request });
  const of = { practice, payer, method: item.method };
  const holder = await holderOf(call.tx, receiptKey('payment', of, sameReference(item.reference)));
  if (!holder) return [];
  const text = `PaymentNotice/${holder.id} has this number already`;
  return [businessFault('reference-used', `${item.place}.part.where(name='reference').value`, text)];
}

/** Writes the parts that are not there yet, in their order. */
export async function loadParts(
  call: Call,
  head: OpeningHead,
  { looked, record }: { readonly looked: readonly LookedPart[]; readonly record: string },
): Promise<{ reference: string; target: string; isNew: boolean }[]> {
  const loaded: { reference: string; target: string; isNew: boolean }[] = [];
  for (const part of looked) {
    const { item, known } = part;
    const target = known ?? (await write(call, head, { part, record }));
    loaded.push({ reference: item.reference, target, isNew: known === undefined });
  }
  return loaded;
}

function write(
  call: Call,
  head: OpeningHead,
  { part, record }: { readonly part: LookedPart; readonly record: string },
): Promise<string> {
  const { item, owned } = part;
  if (!owned) throw new Error('a part without owner is refused before');
  switch (item.kind) {
    case 'claim':
      return loadClaim(call, head, { item, looked: part, record });
    case 'balance':
      return loadBalance(call, head, { item, owned, record });
    case 'credit':
      return loadCredit(call, head, { item, owned, record });
  }
}
