import type { ChargeItem } from '@medplum/fhirtypes';
import { sourceOf } from '../../billing/charge/difference.ts';
import { captureOf, chargeCaptured, chargeReversed } from '../../billing/ledger/index.ts';
import { centsOf, zero } from '../../datatypes/cents.ts';
import { idOf, versionText } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';

export type WrittenCharge = ChargeItem & { id: string };

/** The unique key that says a source was charged. */
export const chargeKey = (charge: WrittenCharge): string =>
  `charge|${sourceOf(charge) ?? `ChargeItem/${charge.id}`}`;

/** Posts a charge to the ledger: receivable unbilled / revenue. */
export async function postCharge(
  call: Call,
  charge: WrittenCharge,
  of: { readonly account: string; readonly encounter: string },
): Promise<void> {
  const amount = centsOf(charge.priceOverride) ?? zero;
  await call.tx.append(
    chargeCaptured({
      id: call.context.newId(),
      on: call.on,
      account: `Account/${of.account}`,
      cause: versionText(charge),
      charge: `ChargeItem/${charge.id}`,
      encounter: of.encounter,
      amount,
    }),
  );
}

/** Marks a charge as entered in error, frees its source and reverses its entry. */
export async function takeBack(call: Call, charge: WrittenCharge, account: string): Promise<void> {
  const { context, tx, on } = call;
  charge.status = 'entered-in-error';
  const written = await updateResource(context, tx, charge);
  await tx.release(chargeKey(charge));
  const captured = captureOf(await tx.journal(`Account/${account}`), `ChargeItem/${charge.id}`);
  if (captured) {
    await tx.append(chargeReversed({ id: context.newId(), on, cause: versionText(written), captured }));
  }
}

/** A charge that was posted has another price now: the old entry is reversed and a new one made. */
export async function postAgain(call: Call, charge: WrittenCharge): Promise<void> {
  const { tx, context, on } = call;
  if ((await tx.holder(chargeKey(charge))) !== `ChargeItem/${charge.id}`) return;
  const account = idOf(charge.account?.[0], 'Account') ?? '';
  const captured = captureOf(await tx.journal(`Account/${account}`), `ChargeItem/${charge.id}`);
  const amount = centsOf(charge.priceOverride) ?? zero;
  if (captured?.postings.some((p) => p.amount === amount)) return;
  const cause = versionText(charge);
  if (captured) await tx.append(chargeReversed({ id: context.newId(), on, cause, captured }));
  await postCharge(call, charge, { account, encounter: charge.context?.reference ?? '' });
}
