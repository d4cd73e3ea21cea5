import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../npmStart.ts';
import { startServer, type RunningServer } from '../server.ts';
import { fhirRequest } from './fhirRequest.ts';

let server: RunningServer;
let sockets: Socket[] = [];
beforeEach(async () => {
  server = await startServer({ CLAIMWRIGHT_SEED: 'none' }, undefined, { shell: 'ulimit -n 64' });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.stop('SIGKILL');
  server.remove();
});

/** Connections that ask nothing; resolves when each is open or was closed. */
async function idle(many: number): Promise<{ open: () => number }> {
  const opened = Array.from({ length: many }, () =>
    connect(Number(new URL(server.origin).port), '127.0.0.1'),
  );
  sockets = [...sockets, ...opened];
  const closed = new Set<Socket>();
  for (const socket of opened) {
    socket.on('error', () => closed.add(socket));
    socket.on('close', () => closed.add(socket));
  }
  await Promise.all(
    opened.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))),
  );
  return { open: () => many - closed.size };
}

const said = (): string[] =>
  server
    .logged()
    .split('\n')
    .filter((line) => line.includes('turned away'));

test('4.9 out of descriptors: one line of the log says why connections are turned away and what to do', async () => {
  await idle(120);
  const [line = ''] = await eventually(() => (said().length > 0 ? said() : undefined));
  expect(line).toMatch(/limit of 64 descriptors of this process/);
  expect(line).toContain('ulimit -n');
  expect(said()).toHaveLength(1);
});

test('4.9 neighbour: who has a connection is still answered, and the store still written', async () => {
  const url = `${server.base}/Patient/kept`;
  expect((await fhirRequest('PUT', url, { resourceType: 'Patient', id: 'kept' })).status).toBe(201); // keeps its connection
  await idle(120);
  await eventually(() => (said().length > 0 ? true : undefined));
  expect((await fhirRequest('PUT', url, { resourceType: 'Patient', id: 'kept', active: true })).status).toBe(
    200,
  );
});

test('4.9 neighbour: when connections are closed again, new ones are answered', async () => {
  await idle(120);
  await eventually(() => (said().length > 0 ? true : undefined));
  for (const socket of sockets.splice(0)) socket.destroy();
  await eventually(async () =>
    (await fhirRequest('GET', `${server.origin}/readyz`).catch(() => undefined))?.status === 200
      ? true
      : undefined,
  );
});

test('4.9 neighbour: as many connections as fit are kept, and nothing is said of them', async () => {
  const { open } = await idle(10);
  expect((await fhirRequest('GET', `${server.base}/metadata`)).status).toBe(200);
  expect([open(), said()]).toEqual([10, []]);
});
