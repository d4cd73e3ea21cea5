import type { Database } from './database.ts';
import type { SqliteState } from './sqliteState.ts';

interface Waiting {
  readonly work: () => Promise<unknown>;
  readonly end: () => void;
  readonly settle: (outcome: PromiseSettledResult<unknown>) => void;
}

/** A group may work this many times as long as a commit takes, so that commits cost at most a ninth of all time. */
const timesCommit = 8;
/** Least and greatest time that a group may work, in milliseconds, however long a commit takes. */
const shortest = 0.5;
const longest = 25;

/**
 * Concurrent writes share a commit: what is queued when the event loop turns runs as one transaction, each piece of
 * work inside its own SAVEPOINT, so that it fails alone; all are answered when the commit is on disk.
 * How long a group accepts work follows from how long commits take: on a fast disk groups are small and waits are
 * short, on a slow disk groups are large and one flush serves many writes.
 * A piece of work awaits nothing but the store, so it settles before the event loop turns again; one that does not
 * fails, because all others would wait for it.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #state: SqliteState;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #scheduled = false;
  /** Milliseconds a commit takes, as a moving average. */
  #commitTime = longest / timesCommit;

  constructor(state: SqliteState) {
    this.#database = state.database;
    this.#state = state;
  }

  /** The group whose transaction is open, if any: reads wait until it has ended. */
  get running(): Promise<void> | undefined {
    return this.#running;
  }

  /** Queues work; `end` is called when its time in the group is over, whether or not it has ended. */
  run<T>(work: () => Promise<T>, end: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (outcome: PromiseSettledResult<unknown>): void => {
        if (outcome.status === 'fulfilled') resolve(outcome.value as T);
        else reject(outcome.reason as Error);
      };
      this.#queue.push({ work, end, settle });
      this.#schedule();
    });
  }

  /** Waits until nothing is queued or running. */
  async idle(): Promise<void> {
    while (this.#scheduled || this.#running) {
      await (this.#running ?? new Promise((resolve) => void setImmediate(resolve)));
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#running) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const group = this.#queue;
      this.#queue = [];
      this.#running = this.#commit(group).then(() => {
        this.#running = undefined;
        if (this.#queue.length > 0) this.#schedule();
      });
    });
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    const outcomes: PromiseSettledResult<unknown>[] = [];
    const end = performance.now() + Math.min(longest, Math.max(shortest, timesCommit * this.#commitTime));
    const { trouble } = this.#state;
    try {
      trouble.beforeWrite();
      this.#database.run('BEGIN IMMEDIATE');
      const [only] = group;
      if (group.length === 1 && only) outcomes.push(await this.#alone(only));
      else {
        for (const waiting of group) {
          if (outcomes.length > 0 && performance.now() > end) break;
          outcomes.push(await this.#savepoint(waiting));
        }
      }
      const isOver = group.length === 1 && outcomes[0]?.status === 'rejected'; // rolled back already
      if (!isOver) this.#flush();
    } catch (error) {
      const reason = trouble.meet(error);
      this.#rollBack();
      this.#state.audit.failed(reason);
      if (this.#database.connection.isOpen) this.#state.forgetAll();
      for (const { settle } of group) settle({ status: 'rejected', reason });
      return;
    }
    this.#queue = [...group.slice(outcomes.length), ...this.#queue];
    outcomes.forEach((outcome, i) => group[i]?.settle(outcome));
  }

  /** Work may end after the store was closed: there is nothing to roll back then. */
  #rollBack(): void {
    const { connection } = this.#database;
    if (connection.isOpen && connection.isTransaction) this.#database.exec('ROLLBACK');
  }

  #flush(): void {
    const { audit, trouble } = this.#state;
    audit.beforeCommit();
    const began = performance.now();
    this.#database.run('COMMIT');
    trouble.afterCommit();
    audit.committed();
    this.#commitTime += (performance.now() - began - this.#commitTime) / 8;
  }

  async #alone(waiting: Waiting): Promise<PromiseSettledResult<unknown>> {
    const outcome = await settled(waiting);
    if (outcome.status === 'fulfilled') this.#state.keep();
    else {
      this.#rollBack();
      this.#state.forget();
      return { status: 'rejected', reason: this.#state.trouble.meet(outcome.reason) };
    }
    return outcome;
  }

  async #savepoint(waiting: Waiting): Promise<PromiseSettledResult<unknown>> {
    this.#database.run('SAVEPOINT work');
    const outcome = await settled(waiting);
    if (outcome.status === 'fulfilled') this.#state.keep();
    else {
      // Where SQLite had to give up the whole transaction (disk full), the whole group fails by what it met.
      if (!this.#database.connection.isTransaction) throw outcome.reason;
      this.#database.run('ROLLBACK TO work');
      this.#state.forget();
    }
    this.#database.run('RELEASE work');
    if (outcome.status === 'fulfilled') return outcome;
    return { status: 'rejected', reason: this.#state.trouble.meet(outcome.reason) };
  }
}

/** How a piece of work ends; an error when it has not ended by the time the event loop turns. */
function settled({ work, end }: Waiting): Promise<PromiseSettledResult<unknown>> {
  return new Promise((resolve) => {
    const finish = (outcome: PromiseSettledResult<unknown>): void => {
      clearImmediate(guard);
      end();
      resolve(outcome);
    };
    const late = new Error('a transaction waited for something other than the store');
    const guard = setImmediate(finish, { status: 'rejected', reason: late });
    work().then(
      (value) => {
        finish({ status: 'fulfilled', value });
      },
      (reason: unknown) => {
        finish({ status: 'rejected', reason });
      },
    );
  });
}
