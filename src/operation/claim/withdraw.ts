import type { ChargeItem, Claim } from '@medplum/fhirtypes';
import { claimWithdrawn, lastPosted, placementsOn, waitsAs } from '../../billing/ledger/index.ts';
import { orderOf, partOf } from '../../billing/claim/claimPlace.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { find, resolve, updateResource } from '../../interaction/repository.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import type { Call } from '../operation.ts';
import { claimKey, isHeldBy, releaseKey, resendLock, reserveKey } from '../uniqueKey.ts';
import { chargesOfClaim } from './correctedCharges.ts';
import { followState } from './followState.ts';
import { post } from '../closing/post.ts';

/**
 * A claim whose answer was taken back, or that never was judged, counts no longer: its charges are unbilled and free for
 * another claim.
 */
export async function withdraw(
  call: Call,
  of: {
    readonly claim: Claim & { id: string };
    readonly account: string;
    readonly state: 'voided' | 'withdrawn';
  },
): Promise<Claim & { id: string }> {
  const { context, tx, on } = call;
  const { claim, account, state } = of;
  const name = referenceText(claim);
  await tx.lock(resendLock(name));
  const written = await updateResource<Claim>(context, tx, changed(claim, { status: 'cancelled' }));
  const journal = await tx.journal(account);
  const lines = placementsOn(journal, name);
  const last = lastPosted(journal, new Set([name]));
  if (lines.length > 0)
    await post(
      call,
      claimWithdrawn({
        ...{ id: context.newId(), on: last > on ? last : on, account, cause: versionText(written) },
        ...{ claim: name, was: waitsAs(journal, name), lines },
      }),
    );
  const others = await billedByOthers(tx, claim);
  for (const reference of chargesOfClaim(claim)) {
    if (others.has(reference)) continue;
    const charge = await resolve<ChargeItem>(tx, 'ChargeItem', { reference });
    if (charge?.id === undefined || charge.status !== 'billed') continue;
    await updateResource(context, tx, changed(charge, { id: charge.id, status: 'billable' as const }));
  }
  await followState(call, name, state);
  return changed(written, { id: claim.id });
}

/** The charges of a claim's visit that another claim of a first payer bills: a claim that it replaces, or that went instead. */
async function billedByOthers(reader: Reader, claim: Claim & { id: string }): Promise<Set<string>> {
  const encounter = claim.item?.find((i) => i.encounter)?.encounter?.[0]?.reference;
  if (encounter === undefined) return new Set();
  const active = await find<Claim>(reader, 'Claim', { encounter, status: 'active' });
  const others = active.filter((c) => c.id !== claim.id && orderOf(c) === 1 && !isVoidClaim(c));
  return new Set(others.flatMap(chargesOfClaim));
}

/** The place of a correction among the claims of its visit is again that of the claim that it was to replace. */
export async function giveBackPlace(
  tx: Transaction,
  correction: Claim & { id: string },
  to: Claim & { id: string },
): Promise<void> {
  const encounter = to.item?.find((i) => i.encounter)?.encounter?.[0]?.reference ?? referenceText(to);
  const place = claimKey(encounter, orderOf(to), partOf(to));
  if (!(await isHeldBy(tx, place, referenceText(correction)))) return;
  await releaseKey(tx, place);
  await reserveKey(tx, place, referenceText(to));
}
