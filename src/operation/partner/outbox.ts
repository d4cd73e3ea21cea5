import type { Claim, Endpoint } from '@medplum/fhirtypes';
import { dateInZone } from '../../datatypes/date.ts';
import { parseReference, versionText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import type { Outbox, Sent, Transmission } from '../../gateway/gateway.ts';
import { readResource, resolve } from '../../interaction/repository.ts';
import type { Transaction } from '../../store/store.ts';
import { X12WriteError } from '../../x12/writeError.ts';
import type { OperationContext } from '../operation.ts';
import type { Delivery } from '../submission/handedOver.ts';
import { transmissionKey } from '../uniqueKey.ts';
import { authorizationSet, faultOfRequest } from './authorizationSet.ts';
import { claimLoop } from './claimLoop.ts';
import { keep, kept } from './kept.ts';
import { activeRoute, routesOf } from './route.ts';
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
  readonly asks?: true; // it asks where claims stand (276), and sends none
  readonly authorizes?: true; // it asks for authorizations (278), or after them
}

export const batchKind = 'x12-batch';
type Lane = Pick<Batch, 'endpoint' | 'asks' | 'authorizes'>;
/** Claims and questions wait apart from each other: each batch is an interchange of its own. */
const laneText = ({ endpoint, asks, authorizes }: Lane): string => {
  if (authorizes === true) return `${endpoint}|${asks === true ? '278-inquiry' : '278'}`;
  return asks === true ? `${endpoint}|276` : endpoint;
};
const openKey = (of: Lane): string => `x12-open|${laneText(of)}`;
const placeKey = (of: Batch, n: number): string => `x12-waiting|${laneText(of)}|${of.batch}|${n}`;

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
  ask: (id) => ask(context, id),
});

/** Why a claim cannot be written as an 837; undefined when it can. */
async function faultOfClaim(
  context: OperationContext,
  transmission: Transmission,
): Promise<string | undefined> {
  try {
    if (transmission.claim.use === 'preauthorization')
      return faultOfRequest(await authorizationSet(context, transmission, { on: '', time: '' }));
    await claimLoop(context, transmission);
    return undefined;
  } catch (error) {
    if (error instanceof X12WriteError) return error.message;
    throw error;
  }
}

/** Where a claim waits or has waited. */
interface Place extends Batch {
  readonly n: number;
}

async function add(
  context: OperationContext,
  tx: Transaction,
  partner: Partner,
  transmission: Transmission,
): Promise<Sent> {
  await tx.lock(openKey(partner));
  if (await kept(tx, transmissionKey(transmission.id))) return { is: 'awaited' };
  const authorizes = transmission.claim.use === 'preauthorization';
  const waiting = { delivery: deliveryOf(transmission), ...(authorizes ? { authorizes } : {}) };
  const place = await wait(context, tx, partner, waiting);
  await keep(tx, transmissionKey(transmission.id), place);
  return { is: 'awaited' };
}

interface Waiting {
  readonly delivery: Delivery;
  readonly asks?: true;
  readonly authorizes?: true;
}

/** Puts a claim, or a question where it stands, into the batch of its partner that is open. */
async function wait(
  context: OperationContext,
  tx: Transaction,
  { endpoint, batchClaims, batchSeconds }: Partner,
  { delivery, asks, authorizes }: Waiting,
): Promise<Place> {
  const lane: Lane = { endpoint, ...(asks ? { asks } : {}), ...(authorizes ? { authorizes } : {}) };
  await tx.lock(openKey(lane));
  const { batch, count } = (await kept<Open>(tx, openKey(lane))) ?? { batch: 1, count: 0 };
  const n = count + 1;
  const place = { ...lane, batch, n };
  await keep(tx, placeKey(place, n), delivery);
  const isFull = n >= batchClaims;
  await keep(tx, openKey(lane), isFull ? { batch: batch + 1, count: 0 } : { batch, count: n });
  const now = Date.parse(context.now());
  if (isFull) await enqueueBatch(tx, { ...lane, batch, count: n }, now, 'full');
  else if (n === 1) await enqueueBatch(tx, { ...lane, batch }, now + batchSeconds * 1000);
  return place;
}

/**
 * Asks where a claim stands, of the partner that carries questions (276) to its payer today; where none does, nobody is
 * asked.
 */
async function ask(context: OperationContext, id: string): Promise<void> {
  const { store } = context;
  const place = await kept<Place>(store, transmissionKey(id));
  const delivery = place && (await kept<Delivery>(store, placeKey(place, place.n)));
  if (!delivery) return;
  const claim = await readResource<Claim>(store, 'Claim', parseReference(delivery.claim)?.id ?? '');
  const practice = unversionedText(claim.provider.reference) ?? '';
  const routes = await routesOf(store, { payer: delivery.payer, practice });
  const on = dateInZone(context.now(), context.timeZone);
  const { authorizes } = place;
  const transaction = authorizes === true ? '278' : '276';
  const found = await activeRoute(store, routes, { transaction, on });
  if (!found) return;
  const partner = partnerOf(found.endpoint);
  if (faultOfPartner(partner) !== undefined) return;
  const asked: Waiting = {
    ...{ delivery: { ...delivery, route: found.route }, asks: true },
    ...(authorizes ? { authorizes } : {}),
  };
  await store.transaction(async (tx) => {
    if ((await kept<AskedOn>(tx, askedOnKey(id)))?.on === on) return;
    await keep(tx, askedOnKey(id), { on } satisfies AskedOn);
    await wait(context, tx, partner, asked);
  });
}

/** The day on which a question was asked last: whoever asks anew after an interruption asks no second time. */
interface AskedOn {
  readonly on: string; // FHIR date
}
const askedOnKey = (id: string): string => `x12-asked-on|${id}`;

const enqueueBatch = (tx: Transaction, of: Batch, due: number, why = 'time'): Promise<boolean> =>
  tx.jobs.enqueue({
    key: `${batchKind}|${laneText(of)}|${of.batch}|${why}`,
    kind: batchKind,
    payload: JSON.stringify(of),
    due,
  });

const jobsMost = 1000;

/** What waits for a partner is to leave now, batches that were given up too; answers how many claims that are. */
export async function flush(tx: Transaction, endpoint: string, now: number): Promise<number> {
  let all = 0;
  const lanes: readonly Lane[] = [
    ...[{ endpoint }, { endpoint, asks: true } as const, { endpoint, authorizes: true } as const],
    { endpoint, asks: true, authorizes: true },
  ];
  for (const lane of lanes) {
    await tx.lock(openKey(lane));
    const { batch, count } = (await kept<Open>(tx, openKey(lane))) ?? { batch: 1, count: 0 };
    if (count > 0) await enqueueBatch(tx, { ...lane, batch }, now, 'asked');
    all += count;
  }
  for (const { key, kind, payload } of await tx.jobs.list('failed', jobsMost)) {
    const of = kind === batchKind ? (JSON.parse(payload) as Batch) : undefined;
    if (of?.endpoint !== endpoint) continue;
    await tx.jobs.enqueue({ key, kind, payload, due: now }, { reopen: true });
    all += of.count ?? 0;
  }
  return all;
}

/** Closes a batch: what comes later is in the next. Answers how many claims it has; 0 when it was closed before. */
export async function close(tx: Transaction, of: Batch): Promise<number> {
  const { batch, count } = of;
  if (count !== undefined) return count;
  await tx.lock(openKey(of));
  const open = await kept<Open>(tx, openKey(of));
  if (open?.batch !== batch) return 0;
  await keep(tx, openKey(of), { batch: batch + 1, count: 0 });
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
