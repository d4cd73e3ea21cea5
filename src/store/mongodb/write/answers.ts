import type { Remembered } from '../../store.ts';
import type { TransactionView } from '../connection/mongoState.ts';

interface Kept {
  readonly key: string;
  readonly answer: Remembered;
  readonly expires: number | null; // epoch milliseconds
}

/** The answers a transaction keeps. */
export class Answers {
  readonly #own: Kept[] = [];

  get hasAny(): boolean {
    return this.#own.length > 0;
  }

  of(key: string): Kept | undefined {
    return this.#own.findLast((kept) => kept.key === key);
  }

  keep(kept: Kept): Promise<void> {
    this.#own.push(kept);
    return Promise.resolve();
  }

  async send({ state, session }: TransactionView): Promise<void> {
    for (const { key, answer, expires } of this.#own.splice(0)) {
      const { bodyHash: b, status: s, headers, body: j } = answer;
      await state.collections.answer.replaceOne(
        { _id: key },
        { b, s, h: JSON.stringify(headers), j, e: expires },
        { session, upsert: true },
      );
    }
  }
}
