import type { Claim } from '@medplum/fhirtypes';
import { orderOf, partOf } from '../../billing/claim/claimPlace.ts';
import { payerChain } from '../../billing/ledger/index.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { changed } from '../../datatypes/json.ts';
import { referenceText } from '../../datatypes/reference.ts';
import { resolve, updateResource } from '../../interaction/repository.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import type { Call } from '../operation.ts';
import { claimKey, releaseKey } from '../uniqueKey.ts';
import { raiseTask } from '../worklist/task.ts';

/**
 * The claims to further payers that stand on an answer which is taken back: a draft is dropped, one that was sent is for
 * a person to review.
 */
export async function reviewNextPayers(
  call: Call,
  journal: readonly Entry[],
  claim: Claim & { id: string },
): Promise<void> {
  const name = referenceText(claim);
  const chain = payerChain(journal, name);
  for (const reference of chain.slice(chain.indexOf(name) + 1)) {
    const next = await resolve<Claim>(call.tx, 'Claim', { reference });
    if (next?.id === undefined) continue;
    if (next.status === 'draft') await drop(call, changed(next, { id: next.id }));
    else if (next.status === 'active') await review(call, changed(next, { id: next.id }));
  }
}

const visitOf = ({ item = [] }: Claim): string | undefined =>
  item.find((i) => i.encounter)?.encounter?.[0]?.reference;

async function drop({ context, tx }: Call, claim: Claim & { id: string }): Promise<void> {
  await updateResource<Claim>(context, tx, changed(claim, { status: 'cancelled' }));
  const encounter = visitOf(claim);
  if (encounter !== undefined) await releaseKey(tx, claimKey(encounter, orderOf(claim), partOf(claim)));
}

const review = (call: Call, claim: Claim & { id: string }): Promise<void> =>
  raiseTask(call, {
    code: 'answer-review',
    focus: referenceText(claim),
    detail: 'prior-reversed',
    text: 'the payer before took its answer back after this claim was sent: wait for the correction, then $correct this claim',
    patient: unversionedText(claim.patient.reference) ?? '',
    encounter: visitOf(claim),
  });
