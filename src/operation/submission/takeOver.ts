import { lineOfCharge } from '../../billing/claim/correction.ts';
import { claimReplaced, decides, lastPosted, placementsOn, waitsAs } from '../../billing/ledger/index.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { updateResource } from '../../interaction/repository.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { correctedClaim } from '../claim/correctedCharges.ts';
import { followState } from '../claim/followState.ts';
import { reverseAnswer, type Reversed } from '../claim/reverseAnswer.ts';
import { endVoided } from '../claim/endVoided.ts';
import type { Call } from '../operation.ts';
import type { Books } from '../remittance/takeBack.ts';
import { answersTo } from './answers.ts';
import type { Placed, Submission } from './submission.ts';
import { post } from '../closing/post.ts';

/** What the answer to a correction took over from the claim before it. */
export interface TakenOver {
  readonly prior: string; // Claim/1
  readonly reversals: Reversed['reversals'];
  readonly books: Books;
  readonly placed: readonly Placed[]; // what stands on the correction now
}

/**
 * The payer took its answers to the corrected claim back: that is posted, and what stood there stands on the claim that
 * replaces it. After a void the charges are free. Undefined where the claim corrects none.
 */
export async function takeOver(
  given: Call,
  { claim, payer, account }: Pick<Submission, 'claim' | 'payer' | 'account'>,
  { on, from }: { readonly on: string; readonly from: 'open' | 'pended' },
): Promise<TakenOver | undefined> {
  const call = { ...given, on };
  const { tx } = call;
  const prior = await correctedClaim(tx, claim);
  if (!prior) return undefined;
  const name = referenceText(prior);
  const isAnswered = (await answersTo(tx, name)).some(decides);
  const reversed = isAnswered ? await reverseAnswer(call, { claim: prior, by: 'payer' }) : undefined;
  if (isVoidClaim(claim)) await endVoided(call, { claim: prior, account });
  else await replace(call, { prior, claim, payer, account, becomes: from });
  const journal = await tx.journal(account);
  return {
    prior: name,
    reversals: reversed?.reversals ?? [],
    books: { claim, account, journal },
    placed: placementsOn(journal, referenceText(claim)),
  };
}

/** What stands on a claim whose answer was taken back moves to the claim that replaces it. */
export async function replace(
  call: Call,
  of: Pick<Submission, 'claim' | 'payer' | 'account'> & {
    readonly prior: Submission['claim'];
    readonly becomes: 'open' | 'pended';
  },
): Promise<void> {
  const { context, tx, on } = call;
  const { prior, claim, payer, account, becomes } = of;
  const name = referenceText(prior);
  const journal = await tx.journal(account);
  const written = await updateResource(context, tx, changed(prior, { status: 'cancelled' as const }));
  const lines = placementsOn(journal, name).map((line) => ({
    ...line,
    to: line.charge === undefined ? line.item : lineOfCharge(claim, line.charge),
  }));
  const last = lastPosted(journal, new Set([name]));
  await post(
    call,
    claimReplaced({
      ...{ id: context.newId(), on: last > on ? last : on, account, cause: versionText(written) },
      ...{ from: name, to: referenceText(claim), payer, was: waitsAs(journal, name), becomes, lines },
    }),
  );
  await followState({ context, tx, on }, name, 'corrected');
}
