import type { Endpoint } from '@medplum/fhirtypes';
import { versionText } from '../../datatypes/reference.ts';
import type { Outbox, Sent, Transmission } from '../../gateway/gateway.ts';
import { resolve } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { X12WriteError } from '../../x12/writeError.ts';
import type { OperationContext } from '../operation.ts';
import type { Delivery } from '../submission/handedOver.ts';
import { transmissionKey } from '../uniqueKey.ts';
import { claimLoop } from './claimLoop.ts';
import { keep, kept } from './kept.ts';
import { faultOfPartner, partnerOf, type Partner } from './tradingPartner.ts';

/** The batch of a partner that claims are added to. */
interface Open {
  readonly batch: number; // rises by one with each that is closed
  readonly count: number; // of claims in it
}

export interface Batch {
  readonly endpoint: string; // Endpoint/1
  readonly batch: number;
  readonly count?: number; // of claims, where it is closed
}

export const batchKind = 'x12-batch';
const openKey = (endpoint: string): string => `x12-open|${endpoint}`;
const placeKey = ({ endpoint, batch }: Batch, n: number): string => `x12-waiting|${endpoint}|${batch}|${n}`;

/** Claims that wait for their trading partner, in the store of the practice. */
export const outbox = (context: OperationContext): Outbox => ({
  has: async (id) => (await kept(context.store, transmissionKey(id))) !== undefined,
  take: async (transmission) => {
    const { route } = transmission;
    const endpoint = await resolve<Endpoint>(context.store, 'Endpoint', { reference: route?.endpoint });
    if (!route || !endpoint) return { is: 'refused', reason: 'its trading partner is not here any more' };
    const partner = partnerOf(endpoint);
    const fault = faultOfPartner(partner) ?? (await faultOfClaim(context, transmission));
    if (fault !== undefined) return { is: 'refused', reason: fault };
    await context.store.transaction((tx) => add(context, tx, partner, transmission));
    return { is: 'awaited' };
  },
});

/** Why a claim cannot be written as an 837; undefined when it can. */
async function faultOfClaim(
  context: OperationContext,
  transmission: Transmission,
): Promise<string | undefined> {
  try {
    await claimLoop(context, transmission);
    return undefined;
  } catch (error) {
    if (error instanceof X12WriteError) return error.message;
    throw error;
  }
}

async function add(
  context: OperationContext,
  tx: Transaction,
  { endpoint, batchClaims, batchSeconds }: Partner,
  transmission: Transmission,
): Promise<Sent> {
  await tx.lock(openKey(endpoint));
  if (await kept(tx, transmissionKey(transmission.id))) return { is: 'awaited' };
  const { batch, count } = (await kept<Open>(tx, openKey(endpoint))) ?? { batch: 1, count: 0 };
  const n = count + 1;
  await keep(tx, placeKey({ endpoint, batch }, n), deliveryOf(transmission));
  await keep(tx, transmissionKey(transmission.id), { endpoint, batch, n });
  const isFull = n >= batchClaims;
  await keep(tx, openKey(endpoint), isFull ? { batch: batch + 1, count: 0 } : { batch, count: n });
  const now = Date.parse(context.now());
  if (isFull) await enqueueBatch(tx, { endpoint, batch, count: n }, now, 'full');
  else if (n === 1) await enqueueBatch(tx, { endpoint, batch }, now + batchSeconds * 1000);
  return { is: 'awaited' };
}

const enqueueBatch = (tx: Transaction, of: Batch, due: number, why = 'time'): Promise<boolean> =>
  tx.jobs.enqueue({
    key: `${batchKind}|${of.endpoint}|${of.batch}|${why}`,
    kind: batchKind,
    payload: JSON.stringify(of),
    due,
  });

const jobsMost = 1000;

/** What waits for a partner is to leave now, batches that were given up too; answers how many claims that are. */
export async function flush(tx: Transaction, endpoint: string, now: number): Promise<number> {
  await tx.lock(openKey(endpoint));
  const { batch, count } = (await kept<Open>(tx, openKey(endpoint))) ?? { batch: 1, count: 0 };
  if (count > 0) await enqueueBatch(tx, { endpoint, batch }, now, 'asked');
  let all = count;
  for (const { key, kind, payload } of await tx.jobs.list('failed', jobsMost)) {
    const of = kind === batchKind ? (JSON.parse(payload) as Batch) : undefined;
    if (of?.endpoint !== endpoint) continue;
    await tx.jobs.enqueue({ key, kind, payload, due: now }, { reopen: true });
    all += of.count ?? 0;
  }
  return all;
}

/** Closes a batch: what comes later is in the next. Answers how many claims it has; 0 when it was closed before. */
export async function close(tx: Transaction, { endpoint, batch, count }: Batch): Promise<number> {
  if (count !== undefined) return count;
  await tx.lock(openKey(endpoint));
  const open = await kept<Open>(tx, openKey(endpoint));
  if (open?.batch !== batch) return 0;
  await keep(tx, openKey(endpoint), { batch: batch + 1, count: 0 });
  return open.count;
}

/** The claims of a closed batch, in the order in which they came. */
export async function waitingIn(
  { store }: OperationContext,
  of: Batch,
  count: number,
): Promise<readonly Delivery[]> {
  const found: Delivery[] = [];
  for (let n = 1; n <= count; n++) {
    const delivery = await kept<Delivery>(store, placeKey(of, n));
    if (delivery) found.push(delivery);
  }
  return found;
}

const deliveryOf = (transmission: Transmission): Delivery => ({
  gateway: 'x12',
  transmission: transmission.id,
  controlNumber: transmission.controlNumber,
  round: 0,
  claim: versionText(transmission.claim),
  coverage: versionText(transmission.coverage),
  payer: transmission.payer,
  on: transmission.sentOn,
  satisfied: transmission.satisfied,
  notes: [],
  ...(transmission.route ? { route: transmission.route } : {}),
});
