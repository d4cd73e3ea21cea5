/** The outcome of one item of a message. */
export type Outcome<R> = { readonly value: R } | { readonly error: unknown };

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Messages of one kind in flight; items that arrive meanwhile share the next message. */
const atOnce = 2;
/** Most items of one message. */
const itemsMax = 100;

/** Sends items that arrive at the same time in one message; each gets its own outcome. */
export class Gathered<T, R> {
  readonly #send: (items: readonly T[]) => Promise<readonly Outcome<R>[]>;
  readonly #waiting: Waiting<T, R>[] = [];
  #underWay = 0;
  #isDue = false;

  /** `send` answers in the order of the items; what it throws is the outcome of each. */
  constructor(send: (items: readonly T[]) => Promise<readonly Outcome<R>[]>) {
    this.#send = send;
  }

  ask(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Sends the next message when the event loop turns, unless too many are in flight. */
  #schedule(): void {
    if (this.#isDue || this.#underWay >= atOnce || this.#waiting.length === 0) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      void this.#sendWaiting();
    });
  }

  async #sendWaiting(): Promise<void> {
    const together = this.#waiting.splice(0, itemsMax);
    this.#underWay++;
    this.#schedule();
    const outcomes = await this.#send(together.map(({ item }) => item)).catch((error: unknown) =>
      together.map(() => ({ error })),
    );
    this.#underWay--;
    this.#schedule();
    together.forEach(({ resolve, reject }, i) => {
      const outcome = outcomes[i] ?? { error: new Error('an item without an outcome') };
      if ('error' in outcome) reject(outcome.error);
      else resolve(outcome.value);
    });
  }
}
