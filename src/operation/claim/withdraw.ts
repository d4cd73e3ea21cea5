import type { ChargeItem, Claim } from '@medplum/fhirtypes';
import { claimWithdrawn, lastPosted, placementsOn, waitsAs } from '../../billing/ledger/index.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { chargesOfClaim } from './correctedCharges.ts';
import { followState } from './followState.ts';

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
  const written = await updateResource<Claim>(context, tx, changed(claim, { status: 'cancelled' }));
  const journal = await tx.journal(account);
  const lines = placementsOn(journal, name);
  const last = lastPosted(journal, new Set([name]));
  if (lines.length > 0)
    await tx.append(
      claimWithdrawn({
        ...{ id: context.newId(), on: last > on ? last : on, account, cause: versionText(written) },
        ...{ claim: name, was: waitsAs(journal, name), lines },
      }),
    );
  for (const reference of chargesOfClaim(claim)) {
    const charge = await resolve<ChargeItem>(tx, 'ChargeItem', { reference });
    if (charge?.id === undefined || charge.status !== 'billed') continue;
    await updateResource(context, tx, changed(charge, { id: charge.id, status: 'billable' as const }));
  }
  await followState(call, name, state);
  return changed(written, { id: claim.id });
}
