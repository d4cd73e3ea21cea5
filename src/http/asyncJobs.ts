import { randomUUID } from 'node:crypto';
import { responseEntry } from '../interaction/entry.ts';
import { refusal, type Answer } from '../interaction/answer.ts';
import { bundleBytes } from '../interaction/bundle.ts';
import type { Context } from '../interaction/context.ts';
import { conflict, FhirError, methodNotAllowed, notFound } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import type { Store } from '../store/store.ts';

/** Where the state of a request that is answered later is asked for, below the base. */
export const asyncPath = '$async/';

/** Unfinished requests at a time; one more is a 429. */
const unfinishedMax = 100;
/** An answer is kept for an hour, and no more than these, the oldest going first. Bytes. */
const keptMs = 3_600_000;
const keptBytes = 256 * 1024 * 1024;

interface Job {
  readonly id: string;
  readonly principal: string | undefined;
  readonly started: number; // milliseconds
  readonly abort: AbortController;
  done?: { readonly at: number; readonly body: Uint8Array };
}

/**
 * Requests that are answered later: the client gets 202 and a URL, and asks there. They live in memory: what a client
 * has not fetched when the server stops is gone, and an Idempotency-Key lets it ask again.
 * See https://hl7.org/fhir/R4/async.html
 */
export class AsyncJobs {
  readonly #context: Context;
  readonly #failed: (error: unknown) => Answer;
  readonly #jobs = new Map<string, Job>();

  /** `failed` makes an answer of what we did not foresee. */
  constructor(context: Context, failed: (error: unknown) => Answer) {
    this.#context = context;
    this.#failed = failed;
  }

  /** Begins the work and answers 202. The work gets a context whose transactions fail once the client has cancelled. */
  start(work: (context: Context) => Promise<Answer>): Answer {
    this.#forgetOld();
    const unfinished = [...this.#jobs.values()].filter(({ done }) => !done).length;
    if (unfinished >= unfinishedMax) {
      const text = `${unfinishedMax} requests are unfinished: wait for one of them`;
      throw new FhirError(
        429,
        [{ severity: 'error', code: 'throttled', details: details('too-many-async', text) }],
        { 'retry-after': '5' },
      );
    }
    const { principal, publicUrl } = this.#context;
    const job: Job = {
      id: randomUUID(),
      principal,
      started: performance.now(),
      abort: new AbortController(),
    };
    this.#jobs.set(job.id, job);
    void this.#run(job, work);
    return { status: 202, headers: { 'content-location': `${publicUrl}/${asyncPath}${job.id}` } };
  }

  /** GET of the URL: 202 while it is at work, then 200 with a Bundle of one entry, the answer. DELETE cancels. */
  ask(method: string, id: string): Answer {
    this.#forgetOld();
    if (!/^(?:GET|HEAD|DELETE)$/.test(method)) {
      throw methodNotAllowed('here are GET for the answer and DELETE to cancel', 'GET, HEAD, DELETE');
    }
    const job = this.#jobs.get(id);
    if (!job || job.principal !== this.#context.principal) throw notFound('the request');
    if (method === 'DELETE') {
      job.abort.abort();
      this.#jobs.delete(id);
      return { status: 202 };
    }
    if (job.done) return { status: 200, body: job.done.body };
    const seconds = Math.round((performance.now() - job.started) / 1000);
    return { status: 202, headers: { 'x-progress': `at work for ${seconds} s`, 'retry-after': '1' } };
  }

  async #run(job: Job, work: (context: Context) => Promise<Answer>): Promise<void> {
    const context = { ...this.#context, store: cancellable(this.#context.store, job.abort.signal) };
    const answer = await Promise.resolve()
      .then(() => work(context))
      .catch((error: unknown) =>
        error instanceof FhirError && error.status < 500 ? refusal(error) : this.#failed(error),
      );
    const entry = responseEntry(context.publicUrl, undefined, answer);
    job.done = { at: performance.now(), body: bundleBytes({ type: 'batch-response' }, [entry]) };
  }

  #forgetOld(): void {
    const finished = [...this.#jobs.values()].filter((job) => job.done);
    let bytes = finished.reduce((sum, { done }) => sum + (done?.body.byteLength ?? 0), 0);
    for (const { id, done } of finished) {
      if (!done || (performance.now() - done.at < keptMs && bytes <= keptBytes)) continue;
      this.#jobs.delete(id);
      bytes -= done.body.byteLength;
    }
  }
}

/** The store for work that may be cancelled: a transaction that ends after that is taken back. */
function cancellable(store: Store, signal: AbortSignal): Store {
  const transaction: Store['transaction'] = (work) =>
    store.transaction(async (tx) => {
      const result = await work(tx);
      if (signal.aborted) throw conflict('cancelled', 'the client has cancelled the request');
      return result;
    });
  return new Proxy(store, {
    get(target, name) {
      if (name === 'transaction') return transaction;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
