import type { HopStatus, HopWhere } from '../../datatypes/hop.ts';
import { loopOf, loopsOf, segmentOf, segmentsOf, type Loop } from '../../x12/loop.ts';
import { component, element, type Segment } from '../../x12/segment.ts';
import type { OperationContext } from '../operation.ts';
import { laterCall } from '../submission/delivery.ts';
import { recordHop } from '../submission/recordHop.ts';
import { claimOfNumber } from '../uniqueKey.ts';
import type { Inbound } from './acknowledgement.ts';
import type { SentClaim } from './compose.ts';
import { sentWithReference } from './sentIndex.ts';

/** What a 277CA (X214) or 277 (X212) says of a claim. */
interface Said {
  readonly event: '277CA' | '277';
  readonly hop: HopWhere;
  readonly set: string; // ST02
}

/** What a patient level of a 277CA or 277 says of each of its claims; the numbers of claims that are not here come back. */
export async function recordPatientLevel(
  context: OperationContext,
  from: Inbound,
  level: Loop,
  said: Said,
): Promise<readonly string[]> {
  const strangers: string[] = [];
  for (const loop of level.loops.filter(({ id }) => id.startsWith('2200'))) {
    const trace = segmentOf(loop, 'TRN');
    const control = trace ? element(trace, 2) : '';
    const claim = control === '' ? undefined : await claimOfNumber(context.store, control);
    if (claim === undefined) strangers.push(control);
    else await recordStatus(context, from, { loop, said, claim: { claim, number: control } });
  }
  return strangers;
}

interface OfClaim {
  readonly loop: Loop;
  readonly said: Said;
  readonly claim: SentClaim;
}

async function recordStatus(
  context: OperationContext,
  from: Inbound,
  { loop, said, claim }: OfClaim,
): Promise<void> {
  const statuses = segmentsOf(loop, 'STC');
  const [first] = statuses;
  if (!first) return;
  const status = said.event === '277' ? statusOfInquiry(statuses) : statusOfAcknowledgement(statuses);
  const code = statuses.map(codeOf).join(', ');
  const number = segmentOf(loop, 'REF', '1K');
  const on = dayOf(element(first, 2)) ?? from.on;
  await context.store.transaction((tx) =>
    recordHop(laterCall(context, tx, from.on), {
      claim: claim.claim,
      hop: {
        ...{ event: said.event, hop: said.hop, code, on, control: claim.number },
        ...(status === undefined ? {} : { status }),
        ...{ number: `${from.number}|${said.set}`, position: String(first.position), proof: from.binary },
        ...(number ? { payerNumber: element(number, 2) } : {}),
      },
      reason: `${said.event} ${code}`,
    }),
  );
}

/**
 * A 277CA that rejects the whole of what was received names the set by its BHT03 and no patient: all of its claims are
 * rejected.
 */
export async function recordReceiverLevel(
  context: OperationContext,
  from: Inbound,
  set: Loop,
  said: Said,
): Promise<void> {
  for (const level of loopsOf(set, '2000A').flatMap((source) => loopsOf(source, '2000B'))) {
    const loop = loopOf(level, '2200B');
    const trace = loop && segmentOf(loop, 'TRN');
    if (!loop || !trace || statusOfAcknowledgement(segmentsOf(loop, 'STC')) !== 'rejected') continue;
    const sent = await sentWithReference(context.store, from.ids, element(trace, 2));
    for (const claim of sent?.claims ?? []) await recordStatus(context, from, { loop, said, claim });
  }
}

/** Who says it: the first level names the clearinghouse (AY) or the payer (PR). */
export function hopOfSource(above: readonly Loop[]): HopWhere {
  const source = above.find(({ id }) => id === '2000A');
  const name = source && loopOf(source, '2100A');
  return name && segmentOf(name, 'NM1', 'AY') ? 'clearinghouse' : 'payer';
}

const rejecting: readonly string[] = ['A3', 'A6', 'A7', 'A8'];
const accepting: readonly string[] = ['A2', 'A5'];
const receiving: readonly string[] = ['A0', 'A1'];

/** Category codes: A3, A6, A7 and A8 reject, A2 accepts, A1 and A0 say that it was received or passed on. */
function statusOfAcknowledgement(statuses: readonly Segment[]): HopStatus | undefined {
  const categories = statuses.flatMap((stc) => [1, 10, 11].map((n) => component(stc, n, 1)));
  if (categories.some((c) => rejecting.includes(c)) || statuses.some((stc) => element(stc, 3) === 'U'))
    return 'rejected';
  if (categories.some((c) => accepting.includes(c))) return 'accepted';
  return categories.some((c) => receiving.includes(c)) ? 'acknowledged' : undefined;
}

/** The answer to an inquiry: P and F say that the payer has it, A as in an acknowledgement. */
function statusOfInquiry(statuses: readonly Segment[]): HopStatus | undefined {
  const categories = statuses.map((stc) => component(stc, 1, 1));
  return categories.some((c) => /^[PF]\d/.test(c)) ? 'accepted' : statusOfAcknowledgement(statuses);
}

/** Category, status and entity: A7:562:85. */
const codeOf = (stc: Segment): string =>
  [1, 2, 3]
    .map((n) => component(stc, 1, n))
    .join(':')
    .replace(/:+$/, '');

const dayOf = (text: string): string | undefined =>
  /^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : undefined;
