/**
 * What a token costs: node bench/token.ts [--connections 16]. One server in mode `off`, in this process, is asked by turns without a token
 * and with that of a patient: the token is looked up, the access confined to the patient's chart, and the access
 * recorded. Processor time is that of the process, its client included in both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStore } from '../src/store/openStore.ts';
import { smartTest } from '../test/smart/browser.ts';
import { tokenOf, world } from '../test/smart/world.ts';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '16' } } });
const [rounds, connections] = [15, Number(values.connections)];
const folder = mkdtempSync(join(tmpdir(), 'token-bench-'));
const now = (): string => new Date().toISOString();
const store = await openStore(`sqlite:${join(folder, 'store.db')}`, { now });
const server = await smartTest({ store, now }, { auth: 'off' });
const people = await world(server);
await server.client({ id: 'app' });
const scope = 'launch/patient patient/*.rs';
const { json } = await tokenOf(server, { client: 'app', scope, account: people.patient });
const token = `Bearer ${String(json['access_token'])}`;
const agent = new Agent({ keepAlive: true, maxSockets: connections });

const ask = (path: string, headers: Readonly<Record<string, string>>): Promise<void> =>
  new Promise((resolve, reject) => {
    get(`${server.base}/${path}`, { agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`${path} is answered with ${answer.statusCode ?? 0}`));
      });
    }).on('error', reject);
  });

/** Processor time of a request, in microseconds. */
async function round(path: string, headers: Readonly<Record<string, string>>, asks: number): Promise<number> {
  const before = process.cpuUsage();
  let left = asks;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await ask(path, headers);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / asks;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

for (const [path, asks] of [
  ['Patient/p1', 1500],
  ['Observation?patient=Patient/p1', 800],
] as const) {
  const [open, held] = [{}, { authorization: token }];
  await round(path, open, asks);
  await round(path, held, asks);
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0; i < rounds; i++) {
    const first = await round(path, i % 2 === 0 ? open : held, asks);
    const second = await round(path, i % 2 === 0 ? held : open, asks);
    pairs.push(i % 2 === 0 ? [first, second] : [second, first]);
  }
  const without = median(pairs.map(([a]) => a));
  const more = median(pairs.map(([a, b]) => b - a));
  process.stdout.write(
    `${path}: ${without.toFixed(0)} µs without a token, ${more.toFixed(0)} µs more with one ` +
      `(${((more * 100) / without).toFixed(0)} %), ${rounds} pairs of ${asks}, ${connections} connections\n`,
  );
}
agent.destroy();
await server.close();
rmSync(folder, { recursive: true });
process.exit();
