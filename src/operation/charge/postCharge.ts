import type { ChargeItem } from '@medplum/fhirtypes';
import { captureOf, chargeCaptured, chargeReversed } from '../../billing/ledger/index.ts';
import { centsOf, zero } from '../../datatypes/cents.ts';
import { idOf, versionText } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { chargeKey, isHeldBy, releaseKey, reserveKey } from '../uniqueKey.ts';
import { post } from '../closing/post.ts';

export type WrittenCharge = ChargeItem & { id: string };

/** Whether a charge stands in the ledger and was not taken back: it holds the key of its source. */
export const isPosted = ({ tx }: Pick<Call, 'tx'>, charge: WrittenCharge): Promise<boolean> =>
  isHeldBy(tx, chargeKey(charge), `ChargeItem/${charge.id}`);

/**
 * Posts a charge to the ledger, receivable unbilled / revenue, under the key of its source. A charge that held the key
 * and does not stand any more (deleted, or marked as an error, by a plain write of an earlier version) is reversed.
 */
export async function postCharge(
  call: Call,
  charge: WrittenCharge,
  of: { readonly account: string; readonly encounter: string },
): Promise<void> {
  const name = `ChargeItem/${charge.id}`;
  const former = await reserveKey(call.tx, chargeKey(charge), name);
  if (former !== undefined)
    await reverseCapture(call, { charge: former, account: of.account, cause: former });
  const amount = centsOf(charge.priceOverride) ?? zero;
  await post(
    call,
    chargeCaptured({
      id: call.context.newId(),
      on: call.on,
      account: `Account/${of.account}`,
      cause: versionText(charge),
      charge: name,
      encounter: of.encounter,
      amount,
    }),
  );
}

/** Marks a charge as entered in error, frees its source and reverses its entry. */
export async function takeBack(call: Call, charge: WrittenCharge, account: string): Promise<void> {
  const { context, tx } = call;
  charge.status = 'entered-in-error';
  const written = await updateResource(context, tx, charge);
  await releaseKey(tx, chargeKey(charge));
  await reverseCapture(call, { charge: `ChargeItem/${charge.id}`, account, cause: versionText(written) });
}

/** Reverses the entry of a charge, where it has one that was not reversed before. */
export async function reverseCapture(
  call: Pick<Call, 'context' | 'tx' | 'on' | 'input'>,
  of: { readonly charge: string; readonly account: string; readonly cause: string },
): Promise<void> {
  const { context, tx, on } = call;
  const captured = captureOf(await tx.journal(`Account/${of.account}`), of.charge);
  if (captured) await post(call, chargeReversed({ id: context.newId(), on, cause: of.cause, captured }));
}

/** A charge that was posted has another price now: the old entry is reversed and a new one made. */
export async function postAgain(call: Call, charge: WrittenCharge): Promise<void> {
  const { tx, context, on } = call;
  if (!(await isPosted(call, charge))) return;
  const account = idOf(charge.account?.[0], 'Account') ?? '';
  const captured = captureOf(await tx.journal(`Account/${account}`), `ChargeItem/${charge.id}`);
  const amount = centsOf(charge.priceOverride) ?? zero;
  if (captured?.postings.some((p) => p.amount === amount)) return;
  const cause = versionText(charge);
  if (captured) await post(call, chargeReversed({ id: context.newId(), on, cause, captured }));
  await postCharge(call, charge, { account, encounter: charge.context?.reference ?? '' });
}
