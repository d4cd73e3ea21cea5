import { MongoClient } from 'mongodb';

/** A transaction that nobody has gone on with for so long is that of a process that was killed. Microseconds. */
const abandonedAfter = 5_000_000;

interface Session {
  readonly lsid: object;
}

/**
 * From now on ends the transactions that killed processes have left, where a store is on MongoDB: it keeps what they had
 * locked for a minute or more. A transaction of the living that is hit is run again by its store. Answers how to stop.
 */
export async function endAbandoned(store: string): Promise<() => Promise<void>> {
  if (!store.startsWith('mongodb')) return () => Promise.resolve();
  const client = await MongoClient.connect(store);
  const admin = client.db('admin');
  const stopping = new AbortController();
  const ending = (async () => {
    while (!stopping.signal.aborted) {
      const open = await admin
        .aggregate<Session>([
          { $currentOp: { allUsers: true, idleSessions: true, idleConnections: false } },
          { $match: { 'transaction.timeInactiveMicros': { $gt: abandonedAfter } } },
        ])
        .toArray();
      if (open.length > 0)
        await admin.command({ killAllSessionsByPattern: open.map(({ lsid }) => ({ lsid })) });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })().catch(() => undefined); // then they end by themselves
  return async () => {
    stopping.abort();
    await ending;
    await client.close();
  };
}
