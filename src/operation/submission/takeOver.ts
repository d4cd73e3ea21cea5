import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { lineOfCharge } from '../../billing/claim/correction.ts';
import { claimReplaced, lastPosted, placementsOn, waitsAs } from '../../billing/ledger/index.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { correctedClaim } from '../claim/correctedCharges.ts';
import { followState } from '../claim/followState.ts';
import { reverseAnswer, type Reversed } from '../claim/reverseAnswer.ts';
import { withdraw } from '../claim/withdraw.ts';
import { billExplained } from '../invoice/billExplained.ts';
import { explainedClaim } from '../invoice/explainedClaim.ts';
import type { Call } from '../operation.ts';
import { patientAccount } from '../payment/patientAccount.ts';
import { holderOf, responseKey } from '../uniqueKey.ts';
import type { Placed, Submission } from './submission.ts';

type Stored<T> = T & { id: string };

/** What the answer to a correction took over from the claim before it. */
export interface TakenOver extends Partial<Reversed> {
  readonly prior: Stored<Claim>;
  readonly reversal?: Stored<ClaimResponse>;
  readonly account: string;
  readonly placed: readonly Placed[]; // what stands on the correction now
}

/**
 * The payer took its answer to the corrected claim back: that is posted, and what stood there stands on the claim that
 * replaces it. After a void the charges are free. Undefined where the claim corrects none.
 */
export async function takeOver(
  given: Call,
  { claim, payer, account }: Submission,
  { on, from }: { readonly on: string; readonly from: 'open' | 'pended' },
): Promise<TakenOver | undefined> {
  const call = { ...given, on };
  const { context, tx } = call;
  const prior = await correctedClaim(tx, claim);
  if (!prior) return undefined;
  const answer = await holderOf(tx, responseKey(referenceText(prior)));
  const reversed =
    answer?.outcome === 'complete'
      ? await reverseAnswer(call, { claim: prior, response: answer, by: 'payer' })
      : undefined;
  if (isVoidClaim(claim)) {
    await withdraw(call, { claim: prior, account, state: 'voided' });
    return { ...reversed, prior, account, placed: [] };
  }
  const journal = await tx.journal(account);
  const name = referenceText(prior);
  const written = await updateResource(context, tx, changed(prior, { status: 'cancelled' as const }));
  const lines = placementsOn(journal, name).map((line) => ({
    ...line,
    to: line.charge === undefined ? line.item : lineOfCharge(claim, line.charge),
  }));
  const last = lastPosted(journal, new Set([name]));
  const entry = claimReplaced({
    ...{ id: context.newId(), on: last > on ? last : on, account, cause: versionText(written) },
    ...{ from: name, to: referenceText(claim), payer, was: waitsAs(journal, name), becomes: from, lines },
  });
  await tx.append(entry);
  await followState(call, name, 'corrected');
  return { ...reversed, prior, account, placed: placementsOn([...journal, entry], referenceText(claim)) };
}

/** After a void nothing is decided: what was asked of the patient with the claim is not asked for, the rest is again. */
export async function settleVoid(call: Call, over: TakenOver): Promise<undefined> {
  await billAgain(call, over);
  return undefined;
}

/** Where a share had been asked for, the share of the correction is asked for: its successor takes up what was paid. */
export async function billAgain(call: Call, over: TakenOver, claim?: string): Promise<void> {
  const { invoices = [], others = [], account } = over;
  if (invoices.length === 0) return;
  const of = await patientAccount(call, { reference: account }, 'Claim.extension');
  const explained = [];
  for (const name of [...(claim === undefined ? [] : [claim]), ...others])
    explained.push(await explainedClaim(call, of.journal, { claim: name }));
  if (explained.length > 0) await billExplained(call, of, explained);
}
