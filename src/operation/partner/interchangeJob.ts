import type { Endpoint } from '@medplum/fhirtypes';
import { dateInZone } from '../../datatypes/date.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import type { Lease } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import { TransportFault, type Transport } from '../../transport/transport.ts';
import type { OperationContext } from '../operation.ts';
import type { Sealed } from './compose.ts';
import { keptInterchange } from './keepInterchange.ts';
import { noteSent } from './noteSent.ts';
import type { Numbers } from './numbers.ts';
import { closePartnerTask, raisePartnerTask } from './partnerTask.ts';
import { isKnownToPartner, sentOf } from './sentIndex.ts';
import { idsOf, wayOf, type Partner } from './tradingPartner.ts';
import { startWatch } from './watchJob.ts';
import { writeBatch, type BatchKind } from './writeBatch.ts';

export const interchangeKind = 'x12-interchange';

/**
 * What a job of this kind sends: the claims of a batch that is closed, or the questions where claims stand, or an
 * interchange that is written already.
 */
export type Outgoing = Sealed &
  (
    | { readonly is: BatchKind; readonly batch: number; readonly count: number }
    | { readonly is: 'written'; readonly binary: string }
  );

/** How far it is. From `releasing` on the partner may have it. */
type Progress =
  | { readonly is: 'written' | 'ready'; readonly binary: string; readonly tries?: number }
  | {
      readonly is: 'releasing' | 'unknown';
      readonly binary: string;
      readonly since: number;
      readonly tries?: number;
    }
  | { readonly is: 'sent'; readonly binary: string }
  | { readonly is: 'empty' };
type Underway = Exclude<Progress, { readonly is: 'sent' | 'empty' }>;

/** Pauses between two tries, which double; after a few a person is told, and it goes on. Milliseconds. */
const pauseFirst = 1000;
const pauseMax = 900_000;
const triesUntold = 3;

const jobKey = (ids: string, number: number): string => `${interchangeKind}|${ids}|${number}`;

/** The name of the file: the same whenever it is sent. Answers of one Endpoint may go between several ids. */
const nameOf = ({ is, partner, numbers }: Outgoing): string => {
  const ids = is === 'written' ? [partner.sender, partner.receiver] : [partner.receiver];
  const plain = ids.map((id) => id.replace(/[^A-Za-z0-9]/g, '') || 'x');
  return [...plain, `${String(numbers.interchange).padStart(9, '0')}.x12`].join('_');
};

/** What is fixed of an interchange that is written now. */
export function fixed({ now, timeZone }: OperationContext, partner: Partner, numbers: Numbers): Sealed {
  const instant = now();
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  return {
    partner,
    numbers,
    date: dateInZone(instant, timeZone).replaceAll('-', ''),
    time: clock.format(new Date(instant)).replace(':', ''),
  };
}

/** An interchange is to be sent; its key is that of its control number, which is never used for another one. */
export async function enqueueOutgoing(tx: Transaction, outgoing: Outgoing): Promise<void> {
  const key = jobKey(idsOf(outgoing.partner), outgoing.numbers.interchange);
  const payload = JSON.stringify(outgoing);
  if (!(await tx.jobs.enqueue({ key, kind: interchangeKind, payload, due: 0 })))
    throw new Error(`there is an interchange ${outgoing.numbers.interchange} already`);
}

/** Sends an interchange: written, kept, staged, and released once. What may have left is looked for first. */
export const interchangeSending = (context: OperationContext): Handler => ({
  kind: interchangeKind,
  run: async (lease) => {
    const outgoing = JSON.parse(lease.job.payload) as Outgoing;
    let progress = progressOf(lease);
    if (!progress) progress = await written(context, lease, outgoing);
    if (progress.is === 'written') progress = await noted(context, lease, outgoing, progress.binary);
    if (progress.is === 'empty') return end(context, lease, progress);
    if (progress.is === 'sent') return undefined;
    await send(context, { lease, outgoing, progress });
    return undefined;
  },
  giveUp: (tx, lease) => {
    const outgoing = JSON.parse(lease.job.payload) as Outgoing;
    return tell(context, tx, outgoing, 'an interchange cannot be written or noted: its claims have not left');
  },
});

const progressOf = ({ job }: Lease): Progress | undefined =>
  job.result === undefined ? undefined : (JSON.parse(job.result) as Progress);

/** The interchange is kept before anything of it leaves. */
async function written(context: OperationContext, lease: Lease, outgoing: Outgoing): Promise<Progress> {
  if (outgoing.is === 'written') return { is: 'written', binary: outgoing.binary };
  const { composed, keepAll } = await writeBatch(context, outgoing);
  return context.store.transaction(async (tx) => {
    const binary = await keepAll(tx);
    const progress: Progress = composed.text === '' ? { is: 'empty' } : { is: 'written', binary };
    await tx.jobs.change(lease, { state: 'leased', result: JSON.stringify(progress) });
    return progress;
  });
}

/** Every claim of it says in which interchange it is, before it leaves. */
async function noted(
  context: OperationContext,
  lease: Lease,
  outgoing: Outgoing,
  binary: string,
): Promise<Progress> {
  if (outgoing.is !== 'written') await noteSent(context, outgoing);
  const progress: Progress = { is: 'ready', binary };
  await context.store.transaction((tx) =>
    tx.jobs.change(lease, { state: 'leased', result: JSON.stringify(progress) }),
  );
  return progress;
}

interface Sending {
  readonly lease: Lease;
  readonly outgoing: Outgoing;
  readonly progress: Underway;
}

async function send(context: OperationContext, sending: Sending): Promise<void> {
  const { outgoing, progress } = sending;
  const { store } = context;
  const bytes = await keptInterchange(store, progress.binary);
  const endpoint = await resolve<Endpoint>(store, 'Endpoint', { reference: outgoing.partner.endpoint });
  let at: Underway = progress;
  let open: Transport | undefined;
  try {
    if (!endpoint || endpoint.status === 'off' || endpoint.status === 'suspended')
      throw new TransportFault('not-allowed', 'the Endpoint of the trading partner is not active');
    if (!context.openTransport) throw new TransportFault('not-allowed', 'this server has no transports');
    const transport = (open = await context.openTransport(wayOf(endpoint)));
    const name = nameOf(outgoing);
    const place = mayHaveLeft(at) ? await transport.look(name, bytes) : 'absent';
    const isUnknown = mayHaveLeft(at) && place !== 'staged' && place !== 'released';
    if (isUnknown) await unknown(context, sending);
    else {
      if (place === 'absent') await transport.stage(name, bytes);
      if (place !== 'released') {
        at = { is: 'releasing', binary: progress.binary, since: Date.parse(context.now()) };
        await mark(context, sending.lease, at);
        await transport.handOver(name, bytes);
      }
      await arrived(context, sending);
    }
  } catch (error) {
    if (!(error instanceof TransportFault)) throw error;
    context.failed?.(error);
    await later(context, { ...sending, progress: { ...at, tries: (progress.tries ?? 0) + 1 } }, error);
  } finally {
    await open?.close().catch(() => undefined);
  }
}

/** From here on the partner may have it. */
const mark = ({ store }: OperationContext, lease: Lease, at: Progress): Promise<void> =>
  store.transaction((tx) => tx.jobs.change(lease, { state: 'sending', result: JSON.stringify(at) }));

const mayHaveLeft = (progress: Progress): boolean => progress.is === 'releasing' || progress.is === 'unknown';

/** It has left. From now on the partner's answers are awaited. */
async function arrived(context: OperationContext, { lease, outgoing, progress }: Sending): Promise<void> {
  await context.store.transaction(async (tx) => {
    await closeTold(context, tx, outgoing);
    if (outgoing.is !== 'written') await startWatch(context, tx, outgoing);
    const result: Progress = { is: 'sent', binary: progress.binary };
    await tx.jobs.change(lease, { state: 'done', result: JSON.stringify(result) });
  });
}

/**
 * It may have left, and is not there any more: the partner may have taken it. Its acknowledgement would say so; a person
 * is asked when that does not come in time, and nothing is sent again until then.
 */
async function unknown(context: OperationContext, sending: Sending): Promise<void> {
  const { lease, outgoing, progress } = sending;
  const sent = await sentOf(context.store, idsOf(outgoing.partner), outgoing.numbers.interchange);
  if (sent && isKnownToPartner(sent)) return arrived(context, sending);
  const now = Date.parse(context.now());
  const since = 'since' in progress ? progress.since : now;
  const hours = outgoing.partner.acknowledgedWithin || 24;
  const result = JSON.stringify({ is: 'unknown', binary: progress.binary, since } satisfies Progress);
  await context.store.transaction(async (tx) => {
    if (now - since < hours * 3_600_000) {
      const due = now + Math.min(pauseMax, Math.max(pauseFirst, now - since));
      await tx.jobs.change(lease, { state: 'due', due, result });
      return;
    }
    const text =
      'nobody knows whether the partner has an interchange: ask it; $send with the interchange sends the same again';
    await tell(context, tx, outgoing, text);
    await tx.jobs.change(lease, { state: 'held', result });
  });
}

/** The partner cannot be reached now: it is tried again, for as long as it takes, and a person is told. */
async function later(context: OperationContext, sending: Sending, fault: TransportFault): Promise<void> {
  const { lease, outgoing, progress } = sending;
  const tries = 'tries' in progress ? (progress.tries ?? 1) : 1;
  const due = Date.parse(context.now()) + Math.min(pauseMax, pauseFirst * 2 ** (tries - 1));
  await context.store.transaction(async (tx) => {
    if (tries >= triesUntold)
      await tell(context, tx, outgoing, `an interchange cannot be sent (${fault.code}): ${fault.message}`);
    await tx.jobs.change(lease, { state: 'due', due, result: JSON.stringify(progress) });
  });
}

function end(context: OperationContext, lease: Lease, progress: Progress): Promise<undefined> {
  return context.store.transaction(async (tx) => {
    await tx.jobs.change(lease, { state: 'done', result: JSON.stringify(progress) });
    return undefined;
  });
}

const workOf = ({ is, partner, numbers }: Outgoing) =>
  ({
    code: 'transmission',
    endpoint: partner.endpoint,
    detail: `interchange ${numbers.interchange}${is === 'written' ? ` to ${partner.receiver.trim()}` : ''}`,
  }) as const;

const tell = (context: OperationContext, tx: Transaction, outgoing: Outgoing, text: string): Promise<void> =>
  raisePartnerTask(context, tx, { ...workOf(outgoing), text });

const closeTold = (context: OperationContext, tx: Transaction, outgoing: Outgoing): Promise<void> =>
  closePartnerTask(context, tx, workOf(outgoing));

/**
 * Sends an interchange again, the same bytes under the same name, unless it is on its way. One that was given up before
 * it was written or noted goes on from there.
 */
export async function sendAgain(
  tx: Transaction,
  ids: string,
  number: number,
  now: number,
): Promise<'none' | 'underway' | 'again'> {
  const job = await tx.jobs.read(jobKey(ids, number));
  const progress = job?.result === undefined ? undefined : (JSON.parse(job.result) as Progress);
  if (!job || progress?.is === 'empty') return 'none';
  const from =
    progress && ({ is: progress.is === 'written' ? 'written' : 'ready', binary: progress.binary } as const);
  const { key, kind, payload } = job;
  const result = from && { result: JSON.stringify(from satisfies Progress) };
  const isAgain = await tx.jobs.enqueue({ key, kind, payload, due: now, ...result }, { reopen: true });
  return isAgain ? 'again' : 'underway';
}
