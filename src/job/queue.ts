import { FhirError } from '../outcome/fhirError.ts';
import { leaseLasts, type Lease } from '../store/job.ts';
import type { Store, Transaction } from '../store/store.ts';

/** The handler of one kind of job. */
export interface Handler {
  readonly kind: string;
  /** Set where a server works at one job of the kind at a time: the others stay in the queue meanwhile. */
  readonly alone?: true;
  /**
   * Does the work and ends the job, or puts it off, in a transaction of its own. What it throws is a failed attempt,
   * and so is an answer with `tryAgain`, which is kept as the result of the job so far.
   * `signal` is aborted when the server stops: work that goes on for long ends then.
   */
  run(lease: Lease, signal: AbortSignal): Promise<TryAgain | undefined>;
  /** Called when the job is given up, in the same transaction, to tell people. */
  giveUp(tx: Transaction, lease: Lease): Promise<void>;
}

export interface TryAgain {
  readonly tryAgain: string; // JSON
}

/** The dependencies of the engine. */
export interface Engine {
  readonly store: Store;
  readonly now: () => number; // epoch milliseconds
  readonly random: () => number; // from 0 up to 1
  readonly failed: (error: unknown) => void; // is told of what nobody foresaw
  readonly signal?: AbortSignal; // aborted when the server stops
}

/** Attempts until a job is given up, and the pauses between them, which double; milliseconds. */
const attemptsMax = 10;
const pauseFirst = 1000;
const pauseMax = 300_000;
/** Milliseconds between two checks for due jobs, and how many jobs are run at a time. */
const lookEvery = 1000;
const workersMax = 6; // two of them never end: the sweeps of the chart and of the audit

/** The pause after a number of failed attempts: half fixed, half random, so that jobs do not retry all at once. */
export const pauseAfter = (attempts: number, random: number): number =>
  Math.round(Math.min(pauseMax, pauseFirst * 2 ** (attempts - 1)) * (0.5 + random / 2));

const never = new AbortController().signal;

/** Runs a job once under its lease; after a failure it is due again later, or given up. */
export async function runJob(engine: Engine, handler: Handler, lease: Lease): Promise<void> {
  const { jobs } = engine.store;
  const renewing = setInterval(() => {
    jobs.renew(lease).catch(engine.failed);
  }, leaseLasts / 3).unref();
  try {
    const again = await handler.run(lease, engine.signal ?? never);
    if (again) await putOff(engine, handler, lease, again.tryAgain);
  } catch (error) {
    if (!isLost(error)) {
      engine.failed(error);
      await putOff(engine, handler, lease).catch(engine.failed); // else it is taken again as it was left
    }
  } finally {
    clearInterval(renewing);
    jobs.leave(lease);
  }
}

/** True when another server has taken over the lease; nothing of this attempt was committed. */
const isLost = (error: unknown): boolean =>
  error instanceof FhirError &&
  error.issue.some((i) => i.details?.coding?.some((c) => c.code === 'lease-lost'));

async function putOff(engine: Engine, handler: Handler, lease: Lease, result?: string): Promise<void> {
  const attempts = lease.job.attempts + 1;
  const kept = { attempts, ...(result === undefined ? {} : { result }) };
  await engine.store.transaction(async (tx) => {
    if (attempts < attemptsMax) {
      const due = engine.now() + pauseAfter(attempts, engine.random());
      await tx.jobs.change(lease, { ...kept, state: 'due', due });
      return;
    }
    await handler.giveUp(tx, lease);
    await tx.jobs.change(lease, { ...kept, state: 'failed' });
  });
}

/** Runs due jobs, and those whose server is gone. */
export class Queue {
  readonly #engine: Engine;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #atWork = new Set<Promise<void>>();
  readonly #alone = new Set<string>(); // kinds of which one job is at work
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isAskedAgain = false;
  readonly #stopping = new AbortController();

  constructor(engine: Engine, handlers: readonly Handler[]) {
    this.#engine = { ...engine, signal: this.#stopping.signal };
    this.#handlers = new Map(handlers.map((handler) => [handler.kind, handler]));
  }

  /** Checks for due jobs regularly until it is stopped. */
  start(): void {
    this.#timer ??= setInterval(() => {
      this.wake();
    }, lookEvery).unref();
    this.wake();
  }

  /** Checks for due jobs now. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#looking) {
      this.#isAskedAgain = true; // what came meanwhile may have been looked past
      return;
    }
    this.#looking = this.#look()
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#engine.failed(error);
      })
      .finally(() => {
        this.#looking = undefined;
        if (!this.#isAskedAgain) return;
        this.#isAskedAgain = false;
        this.wake();
      });
  }

  /** Registers work begun elsewhere under a lease, so that stopping waits for it. */
  track(work: Promise<void>): void {
    this.#atWork.add(work);
    void work.finally(() => this.#atWork.delete(work));
  }

  /** Starts no more jobs, and waits for running ones for at most so many milliseconds. */
  async stop(patience = 10_000): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#looking;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const late = setTimeout(resolve, patience, undefined);
    while (this.#atWork.size > 0) {
      const ended = await Promise.race([Promise.allSettled(this.#atWork), promise]);
      if (ended === undefined) break;
    }
    clearTimeout(late);
  }

  async #look(): Promise<void> {
    const { store } = this.#engine;
    for (;;) {
      const count = workersMax - this.#atWork.size;
      if (count <= 0 || this.#stopping.signal.aborted) return;
      const together = [...this.#handlers.values()].filter(({ alone }) => !alone).map(({ kind }) => kind);
      const leases = await store.jobs.take({ kinds: together, count });
      for (const lease of leases) this.#begin(lease);
      const begun = await this.#lookForLone(count - leases.length);
      if (leases.length + begun === 0) return;
    }
  }

  /** Takes up a job of each kind that is worked at alone; answers how many there were. */
  async #lookForLone(room: number): Promise<number> {
    let begun = 0;
    for (const { kind, alone } of this.#handlers.values()) {
      if (!alone || this.#alone.has(kind) || begun >= room) continue;
      const [lease] = await this.#engine.store.jobs.take({ kinds: [kind], count: 1 });
      if (!lease) continue;
      this.#begin(lease);
      begun += 1;
    }
    return begun;
  }

  #begin(lease: Lease): void {
    const handler = this.#handlers.get(lease.job.kind);
    if (!handler) return;
    if (handler.alone) this.#alone.add(handler.kind);
    const work = runJob(this.#engine, handler, lease);
    this.track(work);
    void work.finally(() => {
      if (handler.alone) this.#alone.delete(handler.kind);
      this.wake();
    });
  }
}
