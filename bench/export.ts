/**
 * Bulk export of generated resources: node bench/export.ts 100000 [--store sqlite,mongodb]
 * Rate by the clock and by processor time, memory at most, and what other reads cost meanwhile.
 */
import { parseArgs } from 'node:util';
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { freshStore } from './freshStore.ts';
import { perPatient } from './generate/record.ts';
import { writeLines } from './import/writeLines.ts';
import { tableOf } from './report.ts';
import { freshFolder, removeFolder, startServer, type Running } from './server.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { store: { type: 'string', default: 'sqlite,mongodb' } },
});
const patients = Math.ceil(Number(positionals[0] ?? 100_000) / perPatient);
const count = (no: number): string => Math.round(no).toLocaleString('en-US');

/** Streams a file of lines into the server. */
async function bring({ base }: Running, file: string): Promise<void> {
  const headers = { 'content-type': 'application/fhir+ndjson' };
  const call = request(`${base}/$import`, { method: 'POST', headers });
  const answered = new Promise<void>((resolve, reject) => {
    call.on('error', reject);
    call.on('response', (answer) => answer.resume().on('end', resolve));
  });
  await pipeline(createReadStream(file), call);
  await answered;
}

interface Exported {
  readonly resources: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly memoryMb: number;
}

/** Exports everything and waits for the manifest. */
async function exported(server: Running): Promise<Exported> {
  const began = performance.now();
  const before = server.cpuSeconds();
  const kicked = await fetch(`${server.base}/$export`, { headers: { prefer: 'respond-async' } });
  const status = kicked.headers.get('content-location') ?? '';
  let memoryMb = 0;
  for (;;) {
    const reply = await fetch(status);
    memoryMb = Math.max(memoryMb, server.memoryMb());
    if (reply.status === 200) {
      const { output } = (await reply.json()) as { readonly output: readonly { readonly count: number }[] };
      const resources = output.reduce((sum, one) => sum + one.count, 0);
      const seconds = (performance.now() - began) / 1000;
      return { resources, seconds, cpuSeconds: server.cpuSeconds() - before, memoryMb };
    }
    await reply.body?.cancel();
    if (reply.status !== 202) throw new Error(`the export answered ${reply.status}`);
    await pause(500);
  }
}

/** Reads a second by four clients, until they are told to end. */
function reading({ base }: Running, until: AbortSignal): Promise<number> {
  let reads = 0;
  const began = performance.now();
  const client = async (): Promise<void> => {
    while (!until.aborted) {
      await (await fetch(`${base}/Patient?_count=1`)).arrayBuffer();
      reads += 1;
    }
  };
  return Promise.all(Array.from({ length: 4 }, client)).then(
    () => reads / ((performance.now() - began) / 1000),
  );
}

async function readsBeside(server: Running): Promise<{ readonly alone: number; readonly beside: number }> {
  const alone = await reading(server, AbortSignal.timeout(5000));
  const ending = new AbortController();
  const reads = reading(server, AbortSignal.any([ending.signal, AbortSignal.timeout(5000)]));
  await fetch(`${server.base}/$export`, { headers: { prefer: 'respond-async' } });
  const beside = await reads;
  return { alone, beside };
}

async function measured(kind: 'sqlite' | 'mongodb', file: string): Promise<string[]> {
  const folder = freshFolder();
  const store = await freshStore(kind, folder);
  const server = await startServer(folder, {
    CLAIMWRIGHT_STORE: store.url,
    CLAIMWRIGHT_SEED: 'none',
    CLAIMWRIGHT_LOG: 'error',
  });
  try {
    await bring(server, file);
    const idleMb = server.memoryMb();
    const { resources, seconds, cpuSeconds, memoryMb } = await exported(server);
    const { alone, beside } = await readsBeside(server);
    return [
      kind,
      `${count(resources)} in ${seconds.toFixed(1)} s`,
      `${count(resources / seconds)}/s`,
      `${count(resources / cpuSeconds)}/s (${((cpuSeconds * 1e6) / resources).toFixed(1)} µs)`,
      `${idleMb.toFixed(0)} → ${memoryMb.toFixed(0)} MB`,
      `${count(alone)} → ${count(beside)}/s`,
    ];
  } finally {
    await server.stop();
    await store.end();
    removeFolder(folder);
  }
}

const folder = freshFolder();
try {
  const file = await writeLines(folder, patients);
  const rows: string[][] = [];
  for (const kind of values.store.split(',')) {
    if (kind !== 'sqlite' && kind !== 'mongodb') throw new Error(`there is no store ${kind}`);
    rows.push(await measured(kind, file));
  }
  const head = ['store', 'resources', 'rate', 'by processor time', 'memory', 'searches alone → beside'];
  process.stdout.write(`${tableOf(head, rows)}\n`);
} finally {
  removeFolder(folder);
}
