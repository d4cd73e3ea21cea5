import type { Claim } from '@medplum/fhirtypes';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { laterCall } from '../submission/laterCall.ts';
import { hopsOfClaim } from '../submission/recordHop.ts';
import { holderOf, responseKey } from '../uniqueKey.ts';
import { raiseTask } from '../worklist/task.ts';
import type { Sealed, SentClaim } from './compose.ts';
import { raisePartnerTask } from './partnerTask.ts';
import { isAcknowledged, sentOf, type SentInterchange } from './sentIndex.ts';
import { idsOf } from './tradingPartner.ts';

export const watchKind = 'x12-watch';

/** What a job of this kind waits for: the acknowledgement of an interchange, then what the payers say of its claims. */
interface Watch {
  readonly ids: string;
  readonly number: number;
  readonly what: 'acknowledgement' | 'status';
}

const inOneTransaction = 25;
const hour = 3_600_000;

/** The partner has until then to acknowledge what was sent, and the payers to say that they have the claims. */
export async function startWatch(
  context: OperationContext,
  tx: Transaction,
  { partner, numbers, is }: Sealed & { readonly is: string },
): Promise<void> {
  const now = Date.parse(context.now());
  const waits = [
    ['acknowledgement', partner.acknowledgedWithin],
    ['status', is === 'claims' ? partner.statusWithin : 0],
  ] as const;
  for (const [what, hours] of waits) {
    if (hours === 0) continue;
    const watch: Watch = { ids: idsOf(partner), number: numbers.interchange, what };
    await tx.jobs.enqueue({
      key: `${watchKind}|${what}|${watch.ids}|${watch.number}`,
      kind: watchKind,
      payload: JSON.stringify(watch),
      due: now + hours * hour,
    });
  }
}

export const partnerWatch = (context: OperationContext): Handler => ({
  kind: watchKind,
  run: async (lease) => {
    const { ids, number, what } = JSON.parse(lease.job.payload) as Watch;
    const sent = await sentOf(context.store, ids, number);
    if (sent && what === 'status') await lookAtClaims(context, sent);
    await context.store.transaction(async (tx) => {
      if (sent && what === 'acknowledgement' && !isAcknowledged(sent)) await tellOfSilence(context, tx, sent);
      await tx.jobs.change(lease, { state: 'done' });
    });
    return undefined;
  },
  giveUp: () => Promise.resolve(),
});

const tellOfSilence = (
  context: OperationContext,
  tx: Transaction,
  { endpoint, number }: SentInterchange,
): Promise<void> =>
  raisePartnerTask(context, tx, {
    code: 'no-acknowledgement',
    endpoint,
    detail: `interchange ${number}`,
    text: 'a partner has not acknowledged an interchange in time (999, TA1): ask whether it has it',
  });

/** A Task for each claim of which no payer has said that it has it. */
async function lookAtClaims(context: OperationContext, sent: SentInterchange): Promise<void> {
  const claims = sent.sets.flatMap((set) => set.claims);
  for (let i = 0; i < claims.length; i += inOneTransaction) {
    await context.store.transaction(async (tx) => {
      for (const claim of claims.slice(i, i + inOneTransaction))
        if (await isSilent(tx, claim)) await tellOfClaim(context, tx, sent.on, claim);
    });
  }
}

async function isSilent(tx: Transaction, { claim, number }: SentClaim): Promise<boolean> {
  const hops = (await hopsOfClaim(tx, claim)).filter((h) => h.control === number);
  if (hops.some((h) => h.status === 'rejected' || (h.event.startsWith('277') && h.hop === 'payer')))
    return false;
  const answer = await holderOf(tx, responseKey(claim));
  return answer?.outcome === 'queued';
}

async function tellOfClaim(
  context: OperationContext,
  tx: Transaction,
  on: string,
  { claim: reference }: SentClaim,
): Promise<void> {
  const claim = await resolve<Claim>(tx, 'Claim', { reference });
  if (claim?.status !== 'active') return;
  await raiseTask(laterCall(context, tx, on), {
    code: 'no-status',
    focus: reference,
    detail: '',
    text: 'the payer has not said in time that it has the claim (277CA): ask where it is',
    patient: unversionedText(claim.patient.reference) ?? '',
    encounter: claim.item?.find((item) => item.encounter)?.encounter?.[0]?.reference,
  });
}
