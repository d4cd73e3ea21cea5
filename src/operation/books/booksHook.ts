import type { Basic, ChargeItem, Resource, ResourceType } from '@medplum/fhirtypes';
import { isBankLine, isBatch } from '../../billing/deposit/bankRecord.ts';
import { dateInZone } from '../../datatypes/date.ts';
import { idOf, referenceText } from '../../datatypes/reference.ts';
import type { Change, Context, WriteHook } from '../../interaction/context.ts';
import { conflict } from '../../outcome/fhirError.ts';
import type { Stored as Version, Transaction } from '../../store/store.ts';
import { isMerge } from '../merge/mergeRecord.ts';
import { isClosing } from '../closing/closing.ts';
import { reverseCapture } from '../charge/postCharge.ts';
import { chargeKey, isHeldBy, operationWroteKey, releaseKey, reserveKey, sentKey } from '../uniqueKey.ts';
import {
  isAssistanceRecord,
  isBillDocument,
  isEditRecord,
  isOpeningRecord,
  keptBy,
  onlyBy,
} from './keptBy.ts';
import { firstDifference } from './plainContent.ts';

type Stored<T> = T & { id: string };
type Follow = ((written: Version) => Promise<void>) | undefined;

/** Types of which the books keep what an operation wrote, and nothing of others. */
const marked: readonly ResourceType[] = [
  'Binary',
  'ClaimResponse',
  'Contract',
  'CoverageEligibilityResponse',
  'ExplanationOfBenefit',
  'PaymentNotice',
  'PaymentReconciliation',
];

/**
 * What stands in the books changes by operations only, whichever way a plain write comes in. A charge that was posted
 * and not billed may be marked as an error: its entry is reversed in the same transaction. See docs/decision/0021
 */
export const booksHook: WriteHook = {
  types: [...marked, 'Basic', 'ChargeItem', 'Claim', 'Communication', 'DocumentReference', 'Invoice', 'Task'],
  async run(context, tx, change): Promise<Follow> {
    if (change.by === 'operation') return mark(tx, change);
    const before = await change.before();
    const operation = before && (await keptBy(tx, before));
    const { after } = change;
    if (!before || operation === undefined) {
      if (after) requireNotOfOperation(after);
      return undefined;
    }
    const differs = after ? firstDifference(before, after) : before.resourceType;
    if (after && differs === undefined) return undefined;
    if (after && isTakenBack(before, after))
      return ({ version }) => reverseCharge(context, tx, { charge: before, version });
    const name = referenceText(before);
    const at = after && differs !== undefined ? `${before.resourceType}.${differs}` : before.resourceType;
    throw conflict('kept-by-the-books', `${name} stands in the books: ${operation}`, at);
  },
};

/**
 * Documents that went to a patient, and of the Basic resources what $edit, $load-opening and $close-period keep, lines of
 * bank statements and batches.
 */
const isMarked = (after: Resource): boolean =>
  marked.includes(after.resourceType) ||
  isBillDocument(after) ||
  (after.resourceType === 'Basic' && isOfBooks(after));
const isOfBooks = (after: Basic): boolean =>
  [isEditRecord, isOpeningRecord, isAssistanceRecord, isClosing, isMerge, isBankLine, isBatch].some((isOne) =>
    isOne(after),
  );

/** Writes down, under keys that no client reaches, what an operation wrote and which claims were sent. */
async function mark(tx: Transaction, { target, before, after }: Change): Promise<undefined> {
  const name = `${target.type}/${target.id}`;
  if (after?.resourceType === 'Claim' && after.status === 'active') await reserveKey(tx, sentKey(name), name);
  if (after && isMarked(after) && (target.type === 'PaymentNotice' || !(await before())))
    await reserveKey(tx, operationWroteKey(name), name);
}

/** 409 for what the money of payers is reckoned by and an operation alone checks: it is not made by a plain write either. */
function requireNotOfOperation(after: Resource): void {
  const of = onlyBy(after);
  if (of !== undefined)
    throw conflict('kept-by-the-books', `it is not written plainly: ${of}`, after.resourceType);
}

/** Whether a write says of a charge that it was an error, and nothing else. */
const isTakenBack = (before: Resource, after: Resource): before is Stored<ChargeItem> =>
  before.resourceType === 'ChargeItem' &&
  after.resourceType === 'ChargeItem' &&
  before.status === 'billable' &&
  after.status === 'entered-in-error' &&
  firstDifference(before, after, 'status') === undefined;

async function reverseCharge(
  context: Context,
  tx: Transaction,
  { charge, version }: { readonly charge: Stored<ChargeItem>; readonly version: number },
): Promise<void> {
  const name = referenceText(charge);
  const key = chargeKey(charge);
  if (await isHeldBy(tx, key, name)) await releaseKey(tx, key);
  const account = idOf(charge.account?.[0], 'Account');
  if (account === undefined) return;
  const on = dateInZone(context.now(), context.timeZone);
  const input = { resourceType: 'Parameters' } as const; // nobody named a day
  await reverseCapture(
    { context, tx, on, input },
    { charge: name, account, cause: `${name}/_history/${version}` },
  );
}
