import { MongoClient } from 'mongodb';
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

/** The URL of a database of this worker and name that holds nothing; its indexes stay from the time before. */
export async function emptyDatabase(name: string): Promise<string> {
  const url = withDatabase(await serverUrl(), `claimwright_test_${worker}_${name}`);
  const client = await MongoClient.connect(url);
  try {
    await Promise.all(emptied.map((collection) => client.db().collection(collection).deleteMany({})));
    await client.db().collection<{ _id: string }>('setting').deleteOne({ _id: 'move' });
  } finally {
    await client.close();
  }
  return url;
}
