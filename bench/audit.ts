/**
 * What the audit costs a read: node bench/audit.ts [--connections 16]. Two servers on one SQLite file in one process, one that records and
 * one that does not, are asked by turns; processor time is that of the process, its client included in both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../src/app.ts';
import type { OperationContext } from '../src/operation/operation.ts';
import { openStore } from '../src/store/openStore.ts';
import { validateResource } from '../src/validation/validate.ts';
import { writeHooks } from '../src/writeHooks.ts';

const { values } = parseArgs({ options: { connections: { type: 'string', default: '16' } } });
const [rounds, reads, connections] = [20, 3000, Number(values.connections)];
const folder = mkdtempSync(join(tmpdir(), 'audit-bench-'));
const now = (): string => new Date().toISOString();
const store = await openStore(`sqlite:${join(folder, 'store.db')}`, { now });
await store.transaction(async (tx) => {
  for (let i = 0; i < 1000; i++)
    await tx.put({ resourceType: 'Patient', id: `p${i}`, name: [{ family: `F${i}` }] });
});
const context: OperationContext = {
  ...{ store, now, newId: () => crypto.randomUUID(), validate: validateResource, hooks: writeHooks },
  ...{ timeZone: 'America/New_York', payer: 'none' as const, publicUrl: 'http://127.0.0.1/fhir' },
};
const agent = new Agent({ keepAlive: true, maxSockets: connections });

async function serve(client: string | undefined): Promise<number> {
  const principal =
    client === undefined ? { name: 'any' } : { name: client, client, account: 'a', roles: ['biller'] };
  const server = createServer(createApp(context, { principalOf: () => principal }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const read = (port: number, i: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    get({ port, agent, path: `/fhir/Patient/p${i % 1000}` }, (answer) => {
      answer.resume();
      answer.on('end', () => {
        resolve(performance.now() - began);
      });
    }).on('error', reject);
  });

async function round(port: number): Promise<{ readonly cpu_us: number; readonly p95_ms: number }> {
  const before = process.cpuUsage();
  const times: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < reads) times.push(await read(port, next++));
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  return { cpu_us: (user + system) / reads, p95_ms: times[Math.floor(reads * 0.95)] ?? 0 };
}

const [plain, recording] = [await serve(undefined), await serve('app')];
await round(plain);
await round(recording);
const pairs = [];
for (let i = 0; i < rounds; i++) {
  const first = i % 2 === 0 ? plain : recording;
  const one = await round(first);
  const other = await round(first === plain ? recording : plain);
  pairs.push(first === plain ? { plain: one, recording: other } : { plain: other, recording: one });
}
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const cpu = median(pairs.map((pair) => pair.recording.cpu_us - pair.plain.cpu_us));
const p95 = median(pairs.map((pair) => pair.recording.p95_ms - pair.plain.p95_ms));
process.stdout.write(
  `${rounds} pairs of ${reads} reads, ${connections} connections: the audit costs ${cpu.toFixed(1)} µs of processor ` +
    `and ${p95.toFixed(2)} ms of p95 a read (without it ${median(pairs.map((pair) => pair.plain.cpu_us)).toFixed(1)} µs, ` +
    `${median(pairs.map((pair) => pair.plain.p95_ms)).toFixed(2)} ms)\n`,
);
process.exitCode = 0;
rmSync(folder, { recursive: true });
process.exit();
