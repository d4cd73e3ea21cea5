import { referenceText } from '../../datatypes/reference.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { correctedClaim } from '../claim/correctedCharges.ts';
import { answersTo, awaitsCorrection } from '../submission/answers.ts';
import { replace } from '../submission/takeOver.ts';
import type { Desk } from './desk.ts';
import type { Books } from './takeBack.ts';

/** A replacement takes over what stands on the claim before it, once every answer to that one was taken back. */
export async function takePlace({ call }: Desk, books: Books): Promise<void> {
  const { tx } = call;
  const prior = await correctedClaim(tx, books.claim);
  if (prior?.status !== 'active' || isVoidClaim(books.claim)) return;
  if (!awaitsCorrection(await answersTo(tx, referenceText(prior)))) return;
  const payer = books.claim.insurer?.reference ?? '';
  await replace(call, { prior, claim: books.claim, payer, account: books.account, becomes: 'open' });
  books.journal = await tx.journal(books.account);
}
