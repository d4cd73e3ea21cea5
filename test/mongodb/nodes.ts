import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { mongodFile } from '../../script/mongod/place.ts';
import { freePort } from '../freePort.ts';

export const setName = 'claimwright';

export interface Node {
  readonly port: number;
  readonly folder: string;
  child: ChildProcess;
}

/** Starts mongod on a folder and port, as small as it goes; `alone` without a replica set. */
export function startNode(folder: string, port: number, alone?: 'alone'): ChildProcess {
  if (!existsSync(mongodFile)) throw new Error('there is no mongod: npm run mongod gets one');
  mkdirSync(folder, { recursive: true });
  return spawn(
    mongodFile,
    [
      ...['--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet'],
      ...[...(alone ? [] : ['--replSet', setName]), '--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '64'],
      ...[
        '--setParameter',
        'diagnosticDataCollectionEnabled=false',
        '--setParameter',
        'ttlMonitorEnabled=false',
      ],
    ],
    { stdio: 'ignore' },
  );
}

const directly = (host: string): string => `mongodb://${host}/?directConnection=true`;

/** Nodes that are one replica set, with a primary; answers its URL. Each is in `nodes` as soon as it runs. */
export async function startNodes(folder: string, nodes: Node[], count: number): Promise<string> {
  for (const name of ['a', 'b', 'c'].slice(0, count)) {
    const port = await freePort();
    const own = join(folder, name);
    nodes.push({ port, folder: own, child: startNode(own, port) });
  }
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  for (const host of hosts.toReversed()) await (await MongoClient.connect(directly(host))).close();
  const client = await MongoClient.connect(directly(hosts[0] ?? ''));
  try {
    await client.db('admin').command({
      replSetInitiate: {
        _id: setName,
        members: hosts.map((host, i) => ({ _id: i, host, priority: i === 0 ? 2 : 1 })),
        settings: { electionTimeoutMillis: 2000, heartbeatIntervalMillis: 500 },
      },
    });
  } finally {
    await client.close();
  }
  const url = `mongodb://${hosts.join(',')}/?replicaSet=${setName}`;
  const all = await MongoClient.connect(url); // resolves when there is a primary
  await all.db('admin').command({ ping: 1 });
  await all.close();
  return url;
}

/** From now on the nodes wait a minute for their primary: one that is slow to answer stays the primary. */
export async function electSlowly(url: string): Promise<void> {
  const client = await MongoClient.connect(url);
  try {
    const admin = client.db('admin');
    const { config } = (await admin.command({ replSetGetConfig: 1 })) as { config: ReplicaSetConfig };
    const settings = { ...config.settings, electionTimeoutMillis: 60_000 };
    await admin.command({ replSetReconfig: { ...config, version: config.version + 1, settings } });
  } finally {
    await client.close();
  }
}
interface ReplicaSetConfig {
  readonly version: number;
  readonly settings: object;
}

export async function stopNode({ child }: Node, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}
