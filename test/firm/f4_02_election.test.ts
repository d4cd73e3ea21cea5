import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { freePort } from '../freePort.ts';
import { setName, startNode, stopNode, type Node } from '../mongodb/nodes.ts';
import { refusedStart, startServer } from '../server.ts';

let folder = '';
let node: Node;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-election-'));
  const port = await freePort();
  node = { port, folder: join(folder, 'db'), child: startNode(join(folder, 'db'), port) };
});
afterEach(async () => {
  await stopNode(node);
  rmSync(folder, { recursive: true, force: true });
});

const settings = (): Record<string, string> => ({
  CLAIMWRIGHT_STORE: `mongodb://127.0.0.1:${node.port}/claims?replicaSet=${setName}`,
  CLAIMWRIGHT_SEED: 'none',
  CLAIMWRIGHT_LOG: 'info',
});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const directly = (): Promise<MongoClient> =>
  MongoClient.connect(`mongodb://127.0.0.1:${node.port}/?directConnection=true`);

/** From now on the node is a replica set of one, which elects itself. */
async function initiate(): Promise<void> {
  const client = await directly();
  await client
    .db('admin')
    .command({ replSetInitiate: { _id: setName, members: [{ _id: 0, host: `127.0.0.1:${node.port}` }] } });
  await client.close();
}

/** Steps the primary down, so that there is none for some seconds. */
async function stepDown(seconds: number): Promise<void> {
  const client = await directly();
  await client
    .db('admin')
    .command({ replSetStepDown: seconds, force: true })
    .catch(() => undefined); // it may close the connection
  await client.close();
}

async function hasPrimary(): Promise<void> {
  const client = await MongoClient.connect(
    `mongodb://127.0.0.1:${node.port}/?replicaSet=${setName}&serverSelectionTimeoutMS=60000`,
  );
  await client.db('admin').command({ ping: 1 });
  await client.close();
}

test('4.2 a start beside a replica set that still elects waits for it and says so', async () => {
  await (await directly()).close(); // it is up, and no set yet
  const starting = startServer(settings(), folder);
  await pause(8000);
  await initiate();
  const server = await starting;
  expect(server.logged()).toMatch(/no primary yet: waiting up to 30 seconds/);
  expect((await fetch(`${server.base}/metadata`)).status).toBe(200);
  expect(await server.stop()).toBe(0);
});

test('4.2 a replica set that elects nobody stops the start after 30 s, and the message says what to look at', async () => {
  await (await directly()).close();
  const began = performance.now();
  const { code, error } = await refusedStart(settings(), folder);
  expect(performance.now() - began).toBeGreaterThan(29_000);
  expect(code).toBe(1);
  expect(error).toMatch(/elected no primary within 30 seconds: was it initiated/);
});

test('4.2 neighbour: a primary that stepped down is waited for until it is elected again', async () => {
  await (await directly()).close();
  await initiate();
  await hasPrimary();
  await stepDown(12);
  const server = await startServer(settings(), folder);
  expect(server.logged()).toMatch(/no primary yet/);
  expect(await server.stop()).toBe(0);
});

test('4.2 neighbour: a set with its primary is not waited for, and nothing is said', async () => {
  await (await directly()).close();
  await initiate();
  await hasPrimary();
  const server = await startServer(settings(), folder);
  expect(server.logged()).not.toMatch(/primary/);
  expect(await server.stop()).toBe(0);
});

test('4.2 neighbour: where no server answers at all, the start still stops within seconds', async () => {
  await stopNode(node);
  const began = performance.now();
  const { code, error } = await refusedStart(settings(), folder);
  expect([code, performance.now() - began < 15_000]).toEqual([1, true]);
  expect(error).toMatch(/no MongoDB server answered within 5 seconds/);
});
