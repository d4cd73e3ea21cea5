import { MongoClient, type Db } from 'mongodb';
import { startReplicaSet } from './replicaSet.ts';

/** The URL of a server for tests, of no database: the one that is named, else the run's own, started once. */
let server: string | undefined;

async function serverUrl(): Promise<string> {
  server ??= process.env['CLAIMWRIGHT_TEST_MONGODB'] ?? (await startReplicaSet());
  return server;
}

/** A URL of the server with a database in it. */
export function withDatabase(url: string, name: string): string {
  const [, start = '', hosts = '', , query = ''] =
    /^(mongodb(?:\+srv)?:\/\/)([^/]+)(\/[^?]*)?(\?.*)?$/.exec(url) ?? [];
  return `${start}${hosts}/${name}${query}`;
}

const emptied = [
  'resource',
  'version',
  'journal',
  'unique_key',
  'answer',
  'lock',
  'generation',
  'word',
  'server',
  'job',
  'record',
  'audit',
];
const worker = process.env['JEST_WORKER_ID'] ?? '1';

/** The connection that empties databases; it is closed when nobody has used it for a while, or the process would not end. */
let client: MongoClient | undefined;
let users = 0;
let closing: NodeJS.Timeout | undefined;
const idle = 300; // milliseconds; jest waits half a second for a worker to end

function close(): void {
  client?.close().catch(() => undefined);
  client = undefined;
}

async function connected<T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  clearTimeout(closing);
  users += 1;
  try {
    return await work((client ??= new MongoClient(url)));
  } finally {
    users -= 1;
    if (users === 0) closing = setTimeout(close, idle);
  }
}

/** The names of the collections that hold anything. */
async function filled(db: Db): Promise<string[]> {
  const [first = '', ...others] = emptied;
  const named = (name: string) => [{ $limit: 1 }, { $project: { _id: 0, name: { $literal: name } } }];
  const all = others.map((coll) => ({ $unionWith: { coll, pipeline: named(coll) } }));
  const found = await db
    .collection(first)
    .aggregate<{ name: string }>([...named(first), ...all])
    .toArray();
  return found.map(({ name }) => name);
}

/** The URL of a database of this worker and name that holds nothing; its indexes stay from the time before. */
export async function emptyDatabase(name: string): Promise<string> {
  const server = await serverUrl();
  const database = `claimwright_test_${worker}_${name}`;
  await connected(server, async (open) => {
    const db = open.db(database);
    await Promise.all([
      ...(await filled(db)).map((collection) => db.collection(collection).deleteMany({})),
      db.collection<{ _id: string }>('setting').deleteOne({ _id: 'move' }),
    ]);
  });
  return withDatabase(server, database);
}
