import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { isReversal, isUndecided, type AdviceClaim } from '../../billing/remittance/advice.ts';
import { answerOfClaim } from '../../billing/remittance/answered.ts';
import { claimImbalances, imbalanceText } from '../../billing/remittance/balance.ts';
import { classOf } from '../../billing/remittance/adjustmentClass.ts';
import type { Posted } from '../../billing/remittance/reconciliation.ts';
import { extensionOf } from '../../datatypes/extension.ts';
import { identifierOf } from '../../datatypes/identifier.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { withoutVersions } from '../../datatypes/sentVersion.ts';
import { createResource, resolve } from '../../interaction/repository.ts';
import type { Reader } from '../../store/store.ts';
import { extension, system } from '../../terminology/system.ts';
import { decides } from '../../billing/ledger/index.ts';
import { correctedClaim } from '../claim/correctedCharges.ts';
import { sensitiveOf } from '../label/labelled.ts';
import { answersTo } from '../submission/answers.ts';
import { isTaken, remittedKey, reserveKey, writtenHolder } from '../uniqueKey.ts';
import type { Desk } from './desk.ts';
import { fit, matchClaim, type Match } from './matchClaim.ts';
import { settleAnswer } from './settleAnswer.ts';
import { reverseAnswer } from './reverseAnswer.ts';
import type { Books } from './takeBack.ts';

type Stored<T> = T & { id: string };

/** Posts one CLP in the transaction of the desk, or says why a person has to look at it. What was posted stays so. */
export async function postClaim(desk: Desk, remitted: AdviceClaim, byHand?: Stored<Claim>): Promise<Posted> {
  const { tx } = desk.call;
  const key = remittedKey(desk.payer, desk.advice.trace, remitted.ordinal);
  if (await isTaken(tx, key)) return alreadyPosted(desk, remitted);
  const [fault] = [...remitted.faults, ...claimImbalances(remitted).map(imbalanceText)];
  if (fault !== undefined) return { held: fault };
  if (!isReversal(remitted) && remitted.paid < 0)
    return { held: 'less than nothing is paid, and it is no reversal' };
  const match: Match = byHand ? await fit(desk, remitted, byHand, true) : await matchClaim(desk, remitted);
  if ('held' in match) return match;
  const claim = withoutVersions(
    isReversal(remitted) ? await takenBack(tx, match.claim, remitted) : match.claim,
  );
  const name = referenceText(claim);
  const account = extensionOf(claim, extension.account)?.valueReference?.reference ?? '';
  const books: Books = { claim, account, journal: await tx.journal(account) };
  const response = isReversal(remitted)
    ? await reverseAnswer(desk, books, remitted)
    : await answer(desk, books, remitted);
  if ('held' in response) return { claim: name, held: response.held, labels: sensitiveOf(claim) };
  await reserveKey(tx, key, referenceText(response));
  return { claim: name, response: referenceText(response), labels: sensitiveOf(claim) };
}

/**
 * The claim that a reversal takes back. Some payers send it under the number of the replacement or the void: what it takes
 * back then is the answer to the claim before, whose number of the payer (CLP07) it has, or which alone was answered.
 */
async function takenBack(tx: Reader, claim: Stored<Claim>, remitted: AdviceClaim): Promise<Stored<Claim>> {
  const prior = await correctedClaim(tx, claim);
  if (!prior) return claim;
  const number = remitted.payerControlNumber;
  const isAnswered = async (of: Claim & { id: string }, by?: string): Promise<boolean> =>
    (await answersTo(tx, referenceText(of))).some(
      (a) => decides(a) && (by === undefined || identifierOf(a, system.payerClaimControlNumber) === by),
    );
  if (number !== undefined && (await isAnswered(prior, number))) return prior;
  return (await isAnswered(claim)) ? claim : prior;
}

async function alreadyPosted({ call, payer, advice }: Desk, { ordinal }: AdviceClaim): Promise<Posted> {
  const reference = await writtenHolder(call.tx, remittedKey(payer, advice.trace, ordinal));
  const response = await resolve<ClaimResponse>(call.tx, 'ClaimResponse', { reference });
  const claim = parseReference(response?.request?.reference);
  return {
    response: reference ?? '',
    ...(response ? { labels: sensitiveOf(response) } : {}),
    ...(claim ? { claim: `${claim.type}/${claim.id}` } : {}),
  };
}

/** An answer that decides the claim is settled; one that does not is kept beside it and moves nothing. */
async function answer(
  desk: Desk,
  books: Books,
  remitted: AdviceClaim,
): Promise<Stored<ClaimResponse> | { readonly held: string }> {
  const { call, advice, reconciliation, source } = desk;
  const answers = await answersTo(call.tx, referenceText(books.claim));
  const kind = isUndecided(remitted)
    ? ('forwarded' as const)
    : isDuplicate(desk, remitted, answers)
      ? ('duplicate' as const)
      : undefined;
  if (kind === 'forwarded' && remitted.paid !== 0)
    return { held: 'it is paid, and says that it was not judged' };
  const made = answerOfClaim({
    ...{ advice, remitted, claim: books.claim, on: call.on },
    remittance: referenceText(reconciliation),
    ...(source?.hash === undefined ? {} : { interchange: source.hash }),
    ...(kind === undefined ? {} : { kind }),
  });
  if (kind !== undefined) return createResource(call.context, call.tx, made);
  return settleAnswer(desk, books, { response: made, remitted, answers });
}

/** Nothing paid, nothing left to the patient, and all of it decided elsewhere (OA-18), beside an answer that decides. */
function isDuplicate(
  { classes, reconciliation }: Desk,
  remitted: AdviceClaim,
  answers: readonly ClaimResponse[],
): boolean {
  const adjustments = [...remitted.adjustments, ...remitted.lines.flatMap((l) => l.adjustments)].filter(
    (a) => a.amount !== 0,
  );
  const of = { remarks: remitted.remarks, payer: reconciliation.paymentIssuer?.reference ?? '' };
  return (
    remitted.paid === 0 &&
    adjustments.length > 0 &&
    answers.some(decides) &&
    adjustments.every((a) => a.reason === '18' && classOf(a, of, classes) === 'informational')
  );
}
