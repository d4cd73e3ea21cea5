import type { Claim } from '@medplum/fhirtypes';
import { claimOpened } from '../../billing/ledger/index.ts';
import { formerAnswers, markOf } from '../../billing/opening/broughtForward.ts';
import { awaitedAnswer, keptClaim, openedLines } from '../../billing/opening/keptClaim.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { createResource } from '../../interaction/repository.ts';
import type { Call } from '../operation.ts';
import { followUp } from '../submission/followUp.ts';
import { followSubmission } from '../submission/recordAnswer.ts';
import { claimNumberKey, openedKey, reserveKey, responseKey } from '../uniqueKey.ts';
import type { LookedClaim } from './lookAtClaim.ts';
import { accountFor } from './owner.ts';
import type { ClaimToLoad, OpeningHead } from './toLoad.ts';
import { post } from '../closing/post.ts';

/**
 * Writes an open claim: as it was sent, with what stands for the answer that its payer owes, the Task that follows it and
 * what is open of it in the books. It is asked after when its payer's usual time has passed.
 */
export async function loadClaim(
  call: Call,
  head: OpeningHead,
  {
    item,
    looked,
    record,
  }: { readonly item: ClaimToLoad; readonly looked: LookedClaim; readonly record: string },
): Promise<string> {
  const { context, tx } = call;
  const { owned, payer = '' } = looked;
  if (!owned) throw new Error('a claim without owner is refused before');
  const account = referenceText(await accountFor(call, head, owned));
  const { reference, content, open, sent, answers, payerNumber } = item;
  const claim = await createResource<Claim>(
    context,
    tx,
    keptClaim({
      ...{ claim: item.claim, number: reference, sent, payer, account },
      marks: [markOf({ record, reference, content, open }), ...formerAnswers(answers)],
    }),
  );
  const name = referenceText(claim);
  await reserveKey(tx, openedKey(head.practice, 'claim', reference), name);
  await reserveKey(tx, claimNumberKey(reference), name);
  const number = payerNumber ?? answers.findLast((a) => a.number !== undefined)?.number;
  const kept = changed(claim, { id: claim.id });
  const response = await createResource(
    context,
    tx,
    awaitedAnswer(kept, { sent, on: call.on, payerNumber: number }),
  );
  await reserveKey(tx, responseKey(name), referenceText(response));
  await followSubmission(changed(call, { on: sent }), { claim: kept }, response);
  if (open > 0) {
    await post(
      call,
      claimOpened({
        ...{ id: context.newId(), on: head.date, account, cause: versionText(claim) },
        ...{ claim: name, payer, lines: openedLines(claim, open) },
      }),
    );
    const waits = { claim: name, gateway: '', transmission: '', payer };
    await followUp(call, { ...waits, now: `${sent}T00:00:00Z` });
  }
  return name;
}
