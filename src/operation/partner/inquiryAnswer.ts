import type { Claim } from '@medplum/fhirtypes';
import { toDoAfter, unanswerable } from '../../billing/submission/inquiryAnswered.ts';
import { claimStatus, codesText, type ClaimStatus, type Status } from '../../billing/submission/status277.ts';
import { changed } from '../../datatypes/json.ts';
import { resolve } from '../../interaction/repository.ts';
import { loopOf, type Loop, type Placed } from '../../x12/loop.ts';
import { lifeOf } from '../claim/claimLife.ts';
import type { Call, OperationContext } from '../operation.ts';
import { laterCall } from '../submission/laterCall.ts';
import { raiseNoAnswer } from '../worklist/noAnswer.ts';
import { tell } from '../x12/tell.ts';
import type { Inbound } from './acknowledgement.ts';
import { sentWithReference } from './sentIndex.ts';

/** States in which the payer still owes an answer. */
const owed: readonly string[] = ['sent', 'acknowledged', 'accepted'];

/** What a payer says of a claim that it was asked after, as work for a person where there is any. */
export async function seeToAnswer(call: Call, claim: string, statuses: readonly Status[]): Promise<void> {
  const text = toDoAfter(statuses);
  if (text !== undefined) await askAfter(call, claim, { text, codes: codesText(statuses) });
}

interface Said {
  readonly text: string;
  readonly codes: string;
}

async function askAfter(call: Call, reference: string, { text, codes }: Said): Promise<void> {
  const found = await resolve<Claim>(call.tx, 'Claim', { reference });
  if (found?.id === undefined) return;
  const claim = changed(found, { id: found.id });
  if (!owed.includes((await lifeOf(call.tx, claim)).state)) return;
  await raiseNoAnswer(call, claim, { text, detail: codes });
}

/** What a level, or one above it, says of itself: loop 2200B of a receiver, 2200C of a provider. */
export function statusLoop({ loop, above }: Placed, id: '2000B' | '2000C'): Loop | undefined {
  const level = [loop, ...above].find((one) => one.id === id);
  return level && loopOf(level, id.replace('2000', '2200'));
}

/**
 * A receiver or provider in a 277 without claims: none of the questions of a set (named by its BHT03), or of the provider,
 * could be answered.
 */
export async function recordUnanswered(
  context: OperationContext,
  from: Inbound,
  level: Placed,
): Promise<void> {
  const loop = statusLoop(level, '2000C') ?? statusLoop(level, '2000B');
  if (!loop) return;
  const status = claimStatus(loop);
  const codes = codesText(status.statuses);
  const sent = await sentWithReference(context.store, from.ids, status.trace);
  if (loop.id === '2200C' || sent?.asks !== true) return tellOfWhole(context, from, status);
  for (const { claim } of sent.claims)
    await context.store.transaction((tx) =>
      askAfter(laterCall(context, tx, from.on), claim, { text: unanswerable(codes), codes }),
    );
}

/** A Task for what is said of a receiver or provider as a whole, where nobody can tell which claims are meant. */
export async function tellOfWhole(
  context: OperationContext,
  { binary }: Inbound,
  { statuses }: ClaimStatus,
): Promise<void> {
  const [first] = statuses;
  if (!first) return;
  const text = `a 277 says of all claims of a receiver or provider: ${codesText(statuses)}`;
  await context.store.transaction((tx) =>
    tell(context, tx, { binary, detail: `segment ${first.position.toString()}`, text }),
  );
}
