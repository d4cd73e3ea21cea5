import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BodyArrivals } from '../../src/http/bodyArrivals.ts';
import { startServer, type RunningServer } from '../server.ts';
import { submit } from './probe.ts';

let server: RunningServer;
const sockets: Socket[] = [];
beforeAll(async () => {
  server = await startServer({ CLAIMWRIGHT_SEED: 'none' });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await server.stop();
  server.remove();
});

const announce = (bytes: number, sent: Buffer): Socket => {
  const { hostname, port, host } = new URL(server.origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `POST /fhir HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/fhir+json\r\nContent-Length: ${bytes}\r\n\r\n`,
  );
  socket.write(sent);
  sockets.push(socket);
  return socket;
};

const patient = { resourceType: 'Patient', name: [{ family: 'x'.repeat(1500) }] };
const transaction = Buffer.from(
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: Array(100).fill({ resource: patient, request: { method: 'POST', url: 'Patient' } }),
  }),
);

test('4.11 thirty uploads that announce 50 MB and send one byte keep no transaction waiting', async () => {
  // a busy machine may take its time: the quickest of some tries tells whether it waited
  let took = Infinity;
  for (let tries = 0; tries < 5 && took >= 2000; tries += 1) {
    for (let i = 0; i < 30; i += 1) announce(50_000_000, Buffer.from('{'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const began = performance.now();
    expect((await submit(server.base, 'POST', transaction)).status).toBe(200);
    took = performance.now() - began;
  }
  expect(took).toBeLessThan(2000);
});

test('4.11 neighbour: uploads that stop with all of the memory are given up with 408, others go on', async () => {
  const stalled = Array.from({ length: 6 }, () => announce(50_000_000, Buffer.alloc(8_000_000, 32)));
  const answered = stalled.map(
    (socket) =>
      new Promise<string>((resolve) =>
        socket.once('data', (chunk: Buffer) => {
          resolve(chunk.toString());
        }),
      ),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const began = performance.now();
  expect((await submit(server.base, 'POST', transaction)).status).toBe(200);
  expect(performance.now() - began).toBeLessThan(30_000);
  expect(await Promise.race(answered)).toMatch(/^HTTP\/1\.1 408 [\s\S]*stalled-body/);
});

test('4.11 neighbour: the oldest upload is never made to wait, and the end of one lets the next go on', async () => {
  const arrivals = new BodyArrivals(100);
  const [first, second] = [arrivals.begin(() => undefined), arrivals.begin(() => undefined)];
  expect(first.came(90)).toBeUndefined();
  const waits = second.came(20);
  expect(waits).toBeInstanceOf(Promise);
  expect(first.came(50)).toBeUndefined();
  first.end();
  await waits;
  expect(second.came(500)).toBeUndefined();
  second.end();
});

test('4.11 neighbour: what is given up makes room at once, and who waits is not given up', async () => {
  const arrivals = new BodyArrivals(100);
  const given: string[] = [];
  const idle = arrivals.begin(() => given.push('idle'));
  const waiting = arrivals.begin(() => given.push('waiting'));
  expect(idle.came(90)).toBeUndefined();
  await waiting.came(20);
  expect(given).toEqual(['idle']);
  waiting.end();
});
