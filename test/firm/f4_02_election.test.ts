import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { freePort } from '../freePort.ts';
import { setName, startNode, stopNode, type Node } from '../mongodb/nodes.ts';
import { refusedStart, startServer, type RunningServer } from '../server.ts';

const folder = mkdtempSync(join(tmpdir(), 'claimwright-election-'));
const nodes: Node[] = [];
afterAll(async () => {
  for (const node of nodes) await stopNode(node);
  rmSync(folder, { recursive: true, force: true });
});

/** A node that is up, and no replica set yet. */
async function started(): Promise<Node> {
  const port = await freePort();
  const own = join(folder, `db${nodes.length}`);
  const node = { port, folder: own, child: startNode(own, port) };
  nodes.push(node);
  await (await directly(node)).close();
  return node;
}

const directly = ({ port }: Node): Promise<MongoClient> =>
  MongoClient.connect(`mongodb://127.0.0.1:${port}/?directConnection=true&serverSelectionTimeoutMS=60000`);

const settings = ({ port }: Node): Record<string, string> => ({
  CLAIMWRIGHT_STORE: `mongodb://127.0.0.1:${port}/claims?replicaSet=${setName}`,
  CLAIMWRIGHT_SEED: 'none',
  CLAIMWRIGHT_LOG: 'info',
});

/** Starts a server that finds no primary; when it says so, `then` sees to it that there is one. */
async function startWithout(node: Node, then: () => Promise<void>): Promise<RunningServer> {
  const { promise: waits, resolve } = Promise.withResolvers<undefined>();
  const heard = (logged: string): void => {
    if (logged.includes('no primary yet')) resolve(undefined);
  };
  const starting = startServer(settings(node), mkdtempSync(join(folder, 'server-')), { heard });
  await Promise.race([waits, starting]); // one that does not wait says nothing
  await then();
  return starting;
}

/** Has the node do something as an administrator. */
async function tell(node: Node, command: object): Promise<void> {
  const client = await directly(node);
  await client.db('admin').command(command);
  await client.close();
}

/** From now on the node is a replica set of one, which elects itself. */
const initiate = (node: Node): Promise<void> =>
  tell(node, {
    replSetInitiate: { _id: setName, members: [{ _id: 0, host: `127.0.0.1:${node.port}` }] },
  });

/** Steps the primary down, and keeps it from being elected until it is told otherwise. */
const stepDown = (node: Node): Promise<void> =>
  tell(node, { replSetStepDown: 600, force: true }).catch(() => undefined); // it may close the connection

async function hasPrimary({ port }: Node): Promise<void> {
  const client = await MongoClient.connect(
    `mongodb://127.0.0.1:${port}/?replicaSet=${setName}&serverSelectionTimeoutMS=60000`,
  );
  await client.db('admin').command({ ping: 1 });
  await client.close();
}

/** It takes half a minute to be refused: the other tests run beside. */
let refused: Promise<{ code: number | null; error: string; took: number }>;
beforeAll(async () => {
  const node = await started();
  const began = performance.now();
  refused = refusedStart(settings(node), mkdtempSync(join(folder, 'refused-'))).then((end) => ({
    ...end,
    took: performance.now() - began,
  }));
});

test('4.2 a start beside a replica set that still elects waits for it and says so', async () => {
  const node = await started();
  const server = await startWithout(node, () => initiate(node));
  expect(server.logged()).toMatch(/no primary yet: waiting up to 30 seconds/);
  expect((await fetch(`${server.base}/metadata`)).status).toBe(200);
  expect(await server.stop()).toBe(0);
});

describe('4.2 neighbour: of a set that has elected once', () => {
  let node: Node;
  beforeAll(async () => {
    node = await started();
    await initiate(node);
    await hasPrimary(node);
  });

  test('4.2 neighbour: a set with its primary is not waited for, and nothing is said', async () => {
    const server = await startServer(settings(node), mkdtempSync(join(folder, 'server-')));
    expect(server.logged()).not.toMatch(/primary/);
    expect(await server.stop()).toBe(0);
  });

  test('4.2 neighbour: a primary that stepped down is waited for until it is elected again', async () => {
    await stepDown(node);
    const server = await startWithout(node, () => tell(node, { replSetFreeze: 0 }));
    expect(server.logged()).toMatch(/no primary yet/);
    expect(await server.stop()).toBe(0);
  });

  test('4.2 neighbour: where no server answers at all, the start still stops within seconds', async () => {
    await stopNode(node);
    const began = performance.now();
    const { code, error } = await refusedStart(settings(node), mkdtempSync(join(folder, 'server-')));
    expect([code, performance.now() - began < 30_000]).toEqual([1, true]); // an election is waited for so long
    expect(error).toMatch(/no MongoDB server answered within 5 seconds/);
  });
});

test('4.2 a replica set that elects nobody stops the start after 30 s, and the message says what to look at', async () => {
  const { code, error, took } = await refused;
  expect(took).toBeGreaterThan(29_000);
  expect(code).toBe(1);
  expect(error).toMatch(/elected no primary within 30 seconds: was it initiated/);
});
