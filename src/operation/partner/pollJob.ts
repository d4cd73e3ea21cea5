import type { Endpoint } from '@medplum/fhirtypes';
import { resolve } from '../../interaction/repository.ts';
import type { WriteHook } from '../../interaction/context.ts';
import type { Handler } from '../../job/queue.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import type { Lease } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import { TransportFault, type Transport, type Waiting } from '../../transport/transport.ts';
import type { OperationContext } from '../operation.ts';
import { closePartnerTask, raisePartnerTask } from './partnerTask.ts';
import { takeIn } from './takeIn.ts';
import { isTradingPartner, partnerOf, wayOf } from './tradingPartner.ts';

export const pollKind = 'x12-poll';

/** What is known of the partner's files between two looks. */
interface Seen {
  readonly files: Readonly<
    Record<string, { readonly size: number; readonly modified: number; readonly fails: number }>
  >;
  readonly unreached: number; // looks in a row that did not reach the partner
}

const filesAtOnce = 100;
const failsMax = 5;
const unreadable: readonly number[] = [400, 413, 415]; // of the file itself
const looksUntold = 3;
const pauseMax = 900_000;

const isPolled = (endpoint: Endpoint): boolean =>
  isTradingPartner(endpoint) &&
  (endpoint.status === 'active' || endpoint.status === 'test') &&
  wayOf(endpoint).kind !== 'fhir-binary';

const enqueuePoll = (tx: Transaction, endpoint: string): Promise<boolean> =>
  tx.jobs.enqueue(
    { key: `${pollKind}|${endpoint}`, kind: pollKind, payload: JSON.stringify({ endpoint }), due: 0 },
    { reopen: true },
  );

/** Whoever stores the Endpoint of a trading partner has its files fetched from now on. */
export const partnerHook: WriteHook = {
  types: ['Endpoint'],
  run: (_context, tx, { after, target }) =>
    Promise.resolve(
      after?.resourceType === 'Endpoint' && isPolled(after)
        ? async () => {
            await enqueuePoll(tx, `Endpoint/${target.id}`);
          }
        : undefined,
    ),
};

/**
 * Fetches what a partner has put out for us, as long as its Endpoint is active: each file is taken in and then archived,
 * so that none is lost; one that comes again changes nothing. What cannot be taken in is put aside, with a Task.
 */
export const partnerPoll = (context: OperationContext): Handler => ({
  kind: pollKind,
  run: async (lease) => {
    const { endpoint: reference } = JSON.parse(lease.job.payload) as { endpoint: string };
    const endpoint = await resolve<Endpoint>(context.store, 'Endpoint', { reference });
    if (!endpoint || !isPolled(endpoint)) {
      await context.store.transaction((tx) => tx.jobs.change(lease, { state: 'done' }));
      return undefined;
    }
    const before = seenOf(lease);
    // whatever went wrong, the next look may succeed: a poll that ended would leave the files of the partner for good
    const seen = await look(context, endpoint, before).catch((error: unknown) => {
      context.failed?.(error);
      return { ...before, unreached: before.unreached + 1 };
    });
    await context.store.transaction(async (tx) => {
      const work = { code: 'inbound', endpoint: reference, detail: 'partner' } as const;
      const text =
        'the files of a trading partner cannot be fetched: see the log of the server for the reason';
      if (seen.unreached >= looksUntold) await raisePartnerTask(context, tx, { ...work, text });
      else if (seen.unreached === 0 && before.unreached > 0) await closePartnerTask(context, tx, work);
      const usual = partnerOf(endpoint).pollSeconds * 1000;
      const pause = Math.max(usual, Math.min(pauseMax, usual * 2 ** seen.unreached));
      const due = Date.parse(context.now()) + (seen.unreached === 0 ? usual : pause);
      await tx.jobs.change(lease, { state: 'due', due, attempts: 0, result: JSON.stringify(seen) });
    });
    return undefined;
  },
  giveUp: (tx, lease) => {
    const { endpoint } = JSON.parse(lease.job.payload) as { endpoint: string };
    const text = 'the files of a trading partner are fetched no more: store its Endpoint again to begin anew';
    return raisePartnerTask(context, tx, { code: 'inbound', endpoint, detail: 'partner', text });
  },
});

const seenOf = ({ job }: Lease): Seen =>
  job.result === undefined ? { files: {}, unreached: 0 } : (JSON.parse(job.result) as Seen);

async function look(context: OperationContext, endpoint: Endpoint, before: Seen): Promise<Seen> {
  if (!context.openTransport) throw new TransportFault('not-allowed', 'this server has no transports');
  const { quietSeconds } = partnerOf(endpoint);
  const transport = await context.openTransport(wayOf(endpoint));
  const files: Record<string, Seen['files'][string]> = {};
  try {
    for (const file of (await transport.list()).slice(0, filesAtOnce)) {
      const known = before.files[file.name];
      const isQuiet = Date.parse(context.now()) - file.modified >= quietSeconds * 1000;
      const isSame = known?.size === file.size && known.modified === file.modified;
      const fails = known?.fails ?? 0;
      if (!isQuiet && !isSame) files[file.name] = { size: file.size, modified: file.modified, fails };
      else if (!(await fetchOne({ context, transport, endpoint }, file, fails)))
        files[file.name] = { size: file.size, modified: file.modified, fails: fails + 1 };
    }
  } finally {
    await transport.close().catch(() => undefined);
  }
  return { files, unreached: 0 };
}

interface Fetching {
  readonly context: OperationContext;
  readonly transport: Transport;
  readonly endpoint: Endpoint;
}

/** Takes a file in and archives it; false where that is to be tried again. */
async function fetchOne(
  { context, transport, endpoint }: Fetching,
  { name }: Waiting,
  fails: number,
): Promise<boolean> {
  try {
    await takeIn(context, endpoint, transport.fetch(name));
    await transport.archive(name);
    return true;
  } catch (error) {
    if (error instanceof TransportFault) throw error;
    context.failed?.(error);
    const isHopeless = error instanceof FhirError && unreadable.includes(error.status);
    if (!isHopeless && fails + 1 < failsMax) return false;
    await context.store.transaction((tx) =>
      raisePartnerTask(context, tx, {
        code: 'inbound',
        endpoint: `Endpoint/${endpoint.id ?? ''}`,
        detail: name.slice(0, 100),
        text: 'a file of a trading partner could not be taken in: it lies in the folder of what failed',
      }),
    );
    await transport.fail(name);
    return true;
  }
}
