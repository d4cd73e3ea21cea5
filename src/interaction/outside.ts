/**
 * Thrown inside of a transaction by what has to await something that is not the store: a transaction may not wait. It is
 * taken back, what is needed is awaited outside of it, and its work is done again, which then finds what it needs.
 */
export class NeedsOutside extends Error {
  readonly fetch: () => Promise<void>;
  constructor(fetch: () => Promise<void>) {
    super('something has to be awaited outside of the transaction');
    this.fetch = fetch;
  }
}

/** Work is begun anew at most so often: as many claims as one Bundle may send. */
const beginningsMax = 500;

/** Does the work of a transaction, again whenever it needed something from outside. */
export async function withOutside<T>(work: () => Promise<T>): Promise<T> {
  for (let beginning = 1; ; beginning += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NeedsOutside) || beginning >= beginningsMax) throw error;
      await error.fetch();
    }
  }
}
