import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { mongodFile } from '../script/mongod/place.ts';
import { freePort } from '../test/freePort.ts';

/** A store that nothing is in yet; `end` stops what was started for it. */
export interface FreshStore {
  readonly url: string;
  end(): Promise<void>;
}

/**
 * A file in the folder, or a database of its own: on the MongoDB that CLAIMWRIGHT_TEST_MONGODB names, else on a replica
 * set of one node that is started for it (1 GB of cache).
 */
export async function freshStore(kind: 'sqlite' | 'mongodb', folder: string): Promise<FreshStore> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (kind === 'sqlite') return { url: `sqlite:${join(folder, 'bench.db')}`, end: nothing };
  const named = process.env['CLAIMWRIGHT_TEST_MONGODB'];
  if (named === undefined) return startMongod(join(folder, 'mongod'));
  const [, start = '', , query = ''] = /^(mongodb:\/\/[^/]+)(\/[^?]*)?(\?.*)?$/.exec(named) ?? [];
  return { url: `${start}/bench_${Date.now().toString(36)}${query}`, end: nothing };
}

async function startMongod(folder: string): Promise<FreshStore> {
  if (!existsSync(mongodFile)) throw new Error('there is no mongod: npm run mongod gets one');
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const words = ['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'];
  const more = ['--quiet', '--replSet', 'bench', '--wiredTigerCacheSizeGB', '1'];
  const child = spawn(mongodFile, [...words, ...more], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const client = await MongoClient.connect(`mongodb://${host}/?directConnection=true`);
  const members = [{ _id: 0, host }];
  await client.db('admin').command({ replSetInitiate: { _id: 'bench', members } });
  await client.close();
  const url = `mongodb://${host}/bench?replicaSet=bench`;
  await (await MongoClient.connect(url)).close(); // resolves when it is the primary
  return {
    url,
    end: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
