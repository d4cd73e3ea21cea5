import type { DatabaseSync } from 'node:sqlite';

/** All of `work` lands or none does. IMMEDIATE: a writer waits before it reads, never in between. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** What one piece of work writes through; closed once its part of the group is over. */
export interface Session {
  open: boolean;
}

interface Waiting {
  readonly work: (session: Session) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs work in transactions that share a commit. */
export interface Groups {
  run<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>;
}

/**
 * Work that waits at the same moment shares one BEGIN … COMMIT, one disk flush, each piece in a SAVEPOINT of its own:
 * it sees those before it and fails alone. Nothing is answered before the commit is on disk. The whole group runs
 * within one turn of the event loop, so nothing outside ever sees half of it; work that waits for anything else
 * than the store is failed and taken back.
 */
export function groupCommit(database: DatabaseSync): Groups {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const savepoint = database.prepare('SAVEPOINT work');
  const release = database.prepare('RELEASE work');
  const rollbackTo = database.prepare('ROLLBACK TO work');
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  async function one({ work, resolve, reject }: Waiting): Promise<(committed: unknown) => void> {
    const session: Session = { open: true };
    savepoint.run();
    try {
      const value = await withinThisTurn(work(session));
      release.run();
      return (failure) => {
        if (failure === undefined) resolve(value);
        else reject(failure);
      };
    } catch (error) {
      rollbackTo.run();
      release.run();
      return () => {
        reject(error);
      };
    } finally {
      session.open = false;
    }
  }

  async function flush(): Promise<void> {
    const group = waiting;
    waiting = [];
    const settle: ((failure: unknown) => void)[] = [];
    let failure: unknown;
    try {
      begin.run();
      for (const each of group) settle.push(await one(each));
      commit.run();
    } catch (error) {
      failure = error;
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const { reject } of group.slice(settle.length)) reject(error);
    }
    for (const done of settle) done(failure);
    running = waiting.length > 0 ? soon() : undefined;
  }

  const soon = (): Promise<void> =>
    new Promise((resolve) => {
      setImmediate(() => {
        void flush().then(resolve);
      });
    });

  return {
    run: <T>(work: (session: Session) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
        running ??= soon();
      }),
    idle: async () => {
      while (running) await running;
    },
  };
}

/** The promise, unless it is still open when the event loop turns. */
function withinThisTurn<T>(promise: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const turn = setImmediate(() => {
      reject(new Error('a transaction waited for something other than the store'));
    });
    promise.then(
      (value) => {
        clearImmediate(turn);
        resolve(value);
      },
      (error: unknown) => {
        clearImmediate(turn);
        reject(error instanceof Error ? error : new Error('a transaction failed', { cause: error }));
      },
    );
  });
}
