import { expect } from '@jest/globals';
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

const collections = [
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

/** The connection that empties databases. The runtime of the tests closes it after each file, or the worker would not end. */
let client: MongoClient | undefined;
const fileEnd = Symbol.for('claimwright test file end');
Reflect.set(globalThis, fileEnd, () => {
  client?.close().catch(() => undefined);
  client = undefined;
});

/** The names of the collections that hold anything. */
async function filled(db: Db): Promise<string[]> {
  const [first = '', ...others] = collections;
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
  await emptied((client ??= new MongoClient(server)).db(database));
  return withDatabase(server, database);
}

async function emptied(db: Db): Promise<void> {
  await Promise.all([
    ...(await filled(db)).map((collection) => db.collection(collection).deleteMany({})),
    db.collection<{ _id: string }>('setting').deleteOne({ _id: 'move' }),
  ]);
}

/** Databases of test files that have ended, and those of the file that runs, by the names it gives them. */
const left: string[] = [];
const used = new Map<string, string>();
let file: string | undefined;
let made = 0;

/**
 * The URL of a database that holds nothing, one for each name a test file gives. Making the collections and indexes of a
 * database takes most of a second, so the files that one worker runs take over those of a file before, where no store
 * is open on them any more.
 */
export async function sharedDatabase(name: string): Promise<string> {
  const server = await serverUrl();
  const { testPath } = expect.getState();
  if (testPath !== file) left.push(...used.values());
  if (testPath !== file) used.clear();
  file = testPath;
  client ??= new MongoClient(server);
  const database =
    used.get(name) ?? (await closedOne(client)) ?? `claimwright_test_${worker}_shared_${++made}`;
  used.set(name, database);
  await emptied(client.db(database));
  return withDatabase(server, database);
}

async function closedOne(open: MongoClient): Promise<string | undefined> {
  for (let database = left.shift(); database !== undefined; database = left.shift())
    if ((await open.db(database).collection('server').countDocuments({}, { limit: 1 })) === 0)
      return database;
  return undefined;
}
