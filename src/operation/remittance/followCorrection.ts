import { decides, inOrder } from '../../billing/ledger/index.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { isVoidClaim } from '../../terminology/claimFrequency.ts';
import { extension } from '../../terminology/system.ts';
import { endVoided } from '../claim/endVoided.ts';
import { answersTo, standingAnswer } from '../submission/answers.ts';
import { correctionKey, holderOf } from '../uniqueKey.ts';
import { answerVoid } from './answerVoid.ts';
import type { Desk } from './desk.ts';
import { postInOrder } from './settleAnswer.ts';
import { takeEntriesBack, type Books } from './takeBack.ts';
import { takePlace } from './takePlace.ts';

/**
 * The answer to a claim was taken back, and a void or a replacement of it is with the payer: after a void its charges are
 * free, and the void is answered; a replacement takes over what stood there, and what the payer decided on it is posted
 * on that. Answers with the claim that counts now; undefined where there is neither.
 */
export async function followCorrection(desk: Desk, books: Books): Promise<Books | undefined> {
  const { call } = desk;
  const { tx } = call;
  const found = await holderOf(tx, correctionKey(referenceText(books.claim)));
  if (found?.status !== 'active') return undefined;
  if ((await standingAnswer(tx, referenceText(found)))?.outcome === 'error') return undefined; // it was refused
  if (isVoidClaim(found)) {
    await endVoided(call, { claim: books.claim, account: books.account });
    await answerVoid(desk, found);
    return { ...books, claim: withoutVersions(found), journal: await tx.journal(books.account) };
  }
  const claim = withoutVersions(found);
  const account = extensionOf(claim, extension.account)?.valueReference?.reference ?? books.account;
  const own: Books = { claim, account, journal: books.journal };
  const deciding = inOrder((await answersTo(tx, referenceText(claim))).filter(decides));
  for (const answer of deciding.toReversed())
    await takeEntriesBack(call, own, { response: referenceText(answer), cause: versionText(answer) });
  await takePlace(desk, own);
  await postInOrder(desk, own, { deciding, freed: new Set(deciding.map((a) => a.id)) });
  return own;
}
