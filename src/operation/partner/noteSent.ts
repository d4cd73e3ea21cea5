import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { recordWaiting } from '../submission/delivery.ts';
import { laterCall } from '../submission/laterCall.ts';
import { deliveryOf } from '../submission/handedOver.ts';
import { recordHop } from '../submission/recordHop.ts';
import { holderOf, reserveSentNumber, submissionJobKey, taskKey } from '../uniqueKey.ts';
import type { Sealed } from './compose.ts';
import { sentOf } from './sentIndex.ts';
import { idsOf } from './tradingPartner.ts';

const inOneTransaction = 25;

/** Writes to each claim in which set it went, or was asked after, before that leaves; done twice, it changes nothing. */
export async function noteSent(context: OperationContext, { partner, numbers }: Sealed): Promise<void> {
  const sent = await sentOf(context.store, idsOf(partner), numbers.interchange);
  if (!sent) throw new Error(`interchange ${numbers.interchange} was not kept`);
  const all = sent.sets.flatMap(({ claims, group, set, asks }) =>
    claims.map((c) => ({ ...c, group, set, asks: asks === true })),
  );
  for (let i = 0; i < all.length; i += inOneTransaction) {
    await context.store.transaction(async (tx) => {
      const call = laterCall(context, tx, sent.on);
      for (const { claim, number, group, set, asks } of all.slice(i, i + inOneTransaction)) {
        if (!asks) await reserveSentNumber(tx, number, claim);
        await haveTask(context, tx, claim);
        await recordHop(call, {
          claim,
          hop: {
            ...{ event: asks ? '276' : 'interchange', hop: 'sender', code: '', on: sent.on, control: number },
            number: `${sent.number}|${group}|${set}`,
            proof: sent.binary,
          },
        });
      }
    });
  }
}

/**
 * Whoever put the claim into the batch may not have written yet that it waits for an answer: killed in between, it does so
 * when it goes on, which may be after the interchange has left. The Task that the way of the claim is kept in is made now.
 */
async function haveTask(context: OperationContext, tx: Transaction, claim: string): Promise<void> {
  if (await holderOf(tx, taskKey('submission', claim))) return;
  const job = await tx.jobs.read(submissionJobKey(claim));
  if (job) await recordWaiting(context, tx, deliveryOf(job));
}
