import { afterOthers } from '../interaction/breather.ts';
import { responseEntry, tooLargeAnswer } from '../interaction/bundle/entry.ts';
import { limitsOf } from '../interaction/limits.ts';
import { refusal, type Answer } from '../interaction/rest/answer.ts';
import { bundleBytes } from '../interaction/bundle/bundle.ts';
import type { Context } from '../interaction/context.ts';
import { epochOf } from '../datatypes/date.ts';
import { conflict, fhirError, FhirError, methodNotAllowed, notFound } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';
import { asServer, noteServer, seesAll } from '../store/access/asServer.ts';
import type { Store } from '../store/store.ts';
import { AsyncStates, type AsyncState } from './asyncStates.ts';

/** Path of the state of an asynchronous request, below the base. */
export const asyncPath = '$async';

/** Requests that are processed at a time; further ones wait in line. */
const runningMax = 4;
/** How long a finished answer is kept, as asyncStates.ts keeps it; milliseconds. */
const keptFor = 3_600_000;
/** Milliseconds between two signs of life of a working server, and after which one without them counts as gone. */
const touchEvery = 5000;
const goneAfter = 30_000;

/**
 * Requests that are answered later: the client gets 202 and a URL, and asks there. Their state and their answers are in
 * the store, so that every server knows them, also after a restart; what was at work in a server that is gone is
 * answered as interrupted. See https://hl7.org/fhir/R4/async.html
 */
export class AsyncJobs {
  readonly #context: Context;
  readonly #failed: (error: unknown) => Answer;
  readonly #states: AsyncStates;
  readonly #atWork = new Map<string, AbortController>();
  readonly #waiting: (() => void)[] = [];
  /** The bytes of the answers that this server keeps, and until when. */
  #kept: { readonly id: string; readonly bytes: number; readonly until: number }[] = [];
  #starting = 0;
  #running = 0;

  /** `failed` makes the answer for an unexpected error. */
  constructor(context: Context, failed: (error: unknown) => Answer) {
    this.#context = context;
    this.#failed = failed;
    this.#states = new AsyncStates(context);
  }

  /** Begins the work and answers 202. The work gets a context whose transactions fail once the client has cancelled. */
  async start(asker: Context, work: (context: Context) => Promise<Answer>): Promise<Answer> {
    const { asyncAtWork, asyncBytes } = limitsOf(this.#context);
    if (this.#atWork.size + this.#starting >= asyncAtWork)
      throw tooMany(`${asyncAtWork} requests are unfinished: wait for one of them`);
    if (this.#keptBytes() >= asyncBytes)
      throw tooMany(
        'the answers that are kept are too large: they go within an hour, DELETE frees them sooner',
      );
    this.#starting += 1;
    try {
      const id = await this.#states.begin(asker.principal);
      const abort = new AbortController();
      this.#atWork.set(id, abort);
      void this.#run(id, abort, () => work(this.#cancellable(asker, id, abort)));
      const { publicUrl } = this.#context;
      return { status: 202, headers: { 'content-location': `${publicUrl}/${asyncPath}/${id}` } };
    } finally {
      this.#starting -= 1;
    }
  }

  /** GET of the URL: 202 while it is at work, then 200 with a Bundle of one entry, the answer. DELETE cancels. */
  async ask({ principal }: Context, method: string, id: string): Promise<Answer> {
    if (!/^(?:GET|HEAD|DELETE)$/.test(method)) {
      throw methodNotAllowed('here are GET for the answer and DELETE to cancel', 'GET, HEAD, DELETE');
    }
    const state = await this.#states.read(id);
    if (!state || state.is === 'cancelled' || state.principal !== principal) throw notFound('the request');
    if (method === 'DELETE') {
      this.#atWork.get(id)?.abort();
      await this.#states.cancel(id);
      this.#kept = this.#kept.filter((kept) => kept.id !== id);
      return { status: 202 };
    }
    if (state.is === 'done') return { status: 200, body: await this.#states.answer(id, state) };
    const now = epochOf(this.#context.now()) ?? 0;
    if (!this.#atWork.has(id) && now - (epochOf(state.seen) ?? 0) > goneAfter)
      return { status: 200, body: this.#bundle(refusal(interrupted())) };
    return { status: 202, headers: { 'x-progress': progress(state, now), 'retry-after': '1' } };
  }

  async #run(id: string, abort: AbortController, work: () => Promise<Answer>): Promise<void> {
    const touching = setInterval(() => {
      this.#states.touch(id).catch(this.#failed);
    }, touchEvery).unref();
    try {
      await this.#turn();
      const answer = await Promise.resolve()
        .then(work)
        .catch((error: unknown) =>
          error instanceof FhirError && error.status < 500 ? refusal(error) : this.#failed(error),
        );
      if (!abort.signal.aborted) await this.#finish(id, this.#bundle(answer));
    } catch (error) {
      this.#failed(error); // the answer could not be kept: it is told of as interrupted
    } finally {
      clearInterval(touching);
      this.#atWork.delete(id);
      this.#endTurn();
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < runningMax) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    await afterOthers();
  }

  #endTurn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }

  async #finish(id: string, body: Uint8Array): Promise<void> {
    const { asyncBytes } = limitsOf(this.#context);
    const isTooLarge = body.length > asyncBytes;
    const kept = isTooLarge ? this.#bundle(refusal(tooLargeAnswer(asyncBytes))) : body;
    if (await this.#states.finish(id, kept))
      this.#kept.push({ id, bytes: kept.length, until: performance.now() + keptFor });
  }

  #keptBytes(): number {
    const now = performance.now();
    this.#kept = this.#kept.filter(({ until }) => until > now);
    return this.#kept.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #bundle(answer: Answer): Uint8Array {
    const entry = responseEntry(this.#context.publicUrl, undefined, answer);
    return bundleBytes({ type: 'batch-response' }, [entry]);
  }

  #cancellable(asker: Context, id: string, abort: AbortController): Context {
    return { ...asker, store: cancellable(asker.store, this.#isWanted(id, abort)) };
  }

  /** Whether the client has not cancelled, here or through another server. */
  #isWanted(id: string, { signal }: AbortController): IsWanted {
    return async (tx) => !signal.aborted && (await this.#states.read(id, tx))?.is === 'at work';
  }
}

const progress = ({ started }: AsyncState, now: number): string =>
  `at work for ${Math.max(0, Math.round((now - (epochOf(started) ?? now)) / 1000))} s`;

function tooMany(text: string): FhirError {
  return new FhirError(
    429,
    [{ severity: 'error', code: 'throttled', details: details('too-many-async', text) }],
    { 'retry-after': '5' },
  );
}

const interrupted = (): FhirError =>
  fhirError(
    503,
    'incomplete',
    'interrupted',
    'The server stopped before it had answered: see what was done, or ask again with the same Idempotency-Key',
  );

type IsWanted = (tx: Parameters<Parameters<Store['transaction']>[0]>[0]) => Promise<boolean>;

/** The store for work that may be cancelled: a transaction that ends after the cancellation is rolled back. */
function cancellable(store: Store, isWanted: IsWanted): Store {
  const transaction: Store['transaction'] = (work) =>
    store.transaction(async (tx) => {
      const result = await work(tx);
      if (!(await isWanted(tx))) throw conflict('cancelled', 'the client has cancelled the request');
      return result;
    });
  const made = new Proxy(store, {
    get(target, name) {
      if (name === 'transaction') return transaction;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  if (!seesAll(store)) noteServer(made, cancellable(asServer(store), isWanted));
  return made;
}
