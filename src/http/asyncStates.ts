import { randomUUID } from 'node:crypto';
import { addSeconds } from '../datatypes/date.ts';
import type { Context } from '../interaction/context.ts';
import type { Remembered, Transaction } from '../store/store.ts';

/** The stored state of an asynchronous request. */
export interface AsyncState {
  readonly is: 'at work' | 'done' | 'cancelled';
  readonly principal?: string;
  readonly started: string; // FHIR instant
  readonly seen: string; // when the server that works on it last said so
  readonly parts: number; // of the answer
}

/** Seconds for which state and answer are kept after the last sign of life of the working server. */
const kept = 3600;
/** An answer is kept in parts of so many characters: a document of MongoDB is 16 MB at most. */
const partLength = 4_000_000;

/** A text in parts; surrogate pairs are not split, as a store takes no half of one. */
function partsOf(text: string): string[] {
  const parts: string[] = [];
  for (let from = 0; from < text.length;) {
    const to = from + partLength;
    const isCut = /^[\ud800-\udbff]$/.test(text.charAt(to - 1));
    parts.push(text.slice(from, isCut ? to - 1 : to));
    from = isCut ? to - 1 : to;
  }
  return parts;
}

const statuses = { 'at work': 202, done: 200, cancelled: 410 } as const;
const nothing: Remembered = { bodyHash: '', status: 410, headers: {}, body: '' };
const keyOf = (id: string): string => `async|${id}`;

/** The states of requests that are answered later, in the store: whichever server is asked knows them, restarted or not. */
export class AsyncStates {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Registers a new request. */
  async begin(principal?: string): Promise<string> {
    const { now, store } = this.#context;
    const id = randomUUID();
    const at = now();
    const state: AsyncState = { is: 'at work', started: at, seen: at, parts: 0 };
    const owned = principal === undefined ? state : { ...state, principal };
    await store.transaction((tx) => this.#keep(tx, id, owned));
    return id;
  }

  async read(
    id: string,
    from: Pick<Transaction, 'recall'> = this.#context.store,
  ): Promise<AsyncState | undefined> {
    const found = await from.recall(keyOf(id));
    const { is, started = '', seen = '', parts, principal } = found?.headers ?? {};
    if (is !== 'at work' && is !== 'done' && is !== 'cancelled') return undefined;
    const state = { is, started, seen, parts: Number(parts) } as const;
    return principal === undefined ? state : { ...state, principal };
  }

  /** Records that this server is still working on it, unless it was cancelled. */
  async touch(id: string): Promise<void> {
    await this.#change(id, (state) => ({ ...state, seen: this.#context.now() }));
  }

  /** Stores the answer; false when the request was cancelled. */
  async finish(id: string, body: Uint8Array): Promise<boolean> {
    const parts = partsOf(new TextDecoder().decode(body));
    for (const [i, part] of parts.entries()) {
      await this.#context.store.transaction((tx) =>
        tx.remember(`${keyOf(id)}|${i}`, { ...nothing, status: 200, body: part }, this.#expiry()),
      );
    }
    return this.#change(id, (state) => ({ ...state, is: 'done', parts: parts.length }));
  }

  async answer(id: string, { parts }: AsyncState): Promise<string> {
    const texts: string[] = [];
    for (let i = 0; i < parts; i++)
      texts.push((await this.#context.store.recall(`${keyOf(id)}|${i}`))?.body ?? '');
    return texts.join('');
  }

  /** Cancels it: its transactions fail from now on, and a stored answer is removed. */
  async cancel(id: string): Promise<void> {
    await this.#change(
      id,
      (state) => ({ ...state, is: 'cancelled' }),
      async (tx, { parts }) => {
        for (let i = 0; i < parts; i++) await tx.remember(`${keyOf(id)}|${i}`, nothing, this.#context.now());
      },
    );
  }

  #change(
    id: string,
    change: (state: AsyncState) => AsyncState,
    more: (tx: Transaction, state: AsyncState) => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> {
    return this.#context.store.transaction(async (tx) => {
      await tx.lock(keyOf(id));
      const state = await this.read(id, tx);
      if (!state || state.is === 'cancelled') return false;
      await more(tx, state);
      await this.#keep(tx, id, change(state));
      return true;
    });
  }

  #keep(tx: Transaction, id: string, { is, started, seen, parts, principal }: AsyncState): Promise<void> {
    const headers = {
      is,
      started,
      seen,
      parts: String(parts),
      ...(principal === undefined ? {} : { principal }),
    };
    return tx.remember(keyOf(id), { ...nothing, status: statuses[is], headers }, this.#expiry());
  }

  #expiry(): string {
    return addSeconds(this.#context.now(), kept);
  }
}
