import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import type { Parameters } from '@medplum/fhirtypes';
import { practice } from '../generate/practice.ts';
import { perPatient } from '../generate/record.ts';
import { loadPatients } from '../loadPatients.ts';
import { cpuSecondsOf, memoryMbOf, mongodsAt } from '../processorTime.ts';
import { startServer } from '../server.ts';

/** What is to be brought in, and where. */
export interface Task {
  readonly folder: string;
  readonly store: string; // an empty one: sqlite:FILE or mongodb://…
  readonly file: string; // NDJSON
  readonly patients: number; // of which the file has the records
}

/** What bringing it in took. */
export interface Brought {
  readonly resources: number;
  readonly seconds: number;
  readonly cpuSeconds: number; // server or command, and database
  readonly memoryMb: number; // of the server or command, at most
  readonly databaseMb: number; // of all mongods, at most
}

/** Runs work while a process and the mongods of a store are watched, to the last look before it ends. */
async function watched(pid: number, store: string, work: () => Promise<number>): Promise<Brought> {
  const mongods = mongodsAt(store);
  const total = (of: (pid: number) => number): number => mongods.reduce((sum, no) => sum + of(no), 0);
  const databaseBefore = total(cpuSecondsOf);
  const before = cpuSecondsOf(pid);
  let [cpu, memoryMb, databaseMb] = [before, 0, 0];
  const look = (): void => {
    try {
      cpu = cpuSecondsOf(pid);
      memoryMb = Math.max(memoryMb, memoryMbOf(pid) || 0);
    } catch {
      // it has ended: what was seen last counts
    }
    databaseMb = Math.max(databaseMb, total(memoryMbOf));
  };
  const timer = setInterval(look, 50);
  const began = performance.now();
  try {
    const resources = await work();
    const seconds = (performance.now() - began) / 1000;
    look();
    return {
      resources,
      seconds,
      cpuSeconds: cpu - before + total(cpuSecondsOf) - databaseBefore,
      memoryMb,
      databaseMb,
    };
  } finally {
    clearInterval(timer);
  }
}

async function withServer(
  { folder, store }: Task,
  work: (server: Awaited<ReturnType<typeof startServer>>) => Promise<number>,
): Promise<Brought> {
  const server = await startServer(folder, { CLAIMWRIGHT_SEED: 'none', CLAIMWRIGHT_STORE: store });
  try {
    return await watched(server.pid, store, () => work(server));
  } finally {
    await server.stop();
  }
}

/** The whole file as the body of one request; answers how many resources stand in the store. */
async function sendLines(base: string, file: string): Promise<number> {
  const headers = { 'content-type': 'application/fhir+ndjson' };
  const call = request(`${base}/$import`, { method: 'POST', headers });
  const answered = new Promise<string>((resolve, reject) => {
    call.on('error', reject);
    call.on('response', (answer) => void text(answer).then(resolve, reject));
  });
  await pipeline(createReadStream(file, { highWaterMark: 1 << 18 }), call);
  const { parameter = [] } = JSON.parse(await answered) as Parameters;
  const of = (name: string): number => parameter.find((one) => one.name === name)?.valueInteger ?? NaN;
  if (of('refused') !== 0) throw new Error(`${of('refused')} lines were refused`);
  return of('imported');
}

/** `npm run load FILE` into a store that no server has open; its start counts, too. */
async function command({ store, file }: Task): Promise<Brought> {
  const words = ['--disable-warning=ExperimentalWarning', 'src/command/load.ts', file];
  const env = { PATH: process.env['PATH'] ?? '', CLAIMWRIGHT_STORE: store, CLAIMWRIGHT_SEED: 'none' };
  const profile = process.env['BENCH_PROF'];
  const profiled = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...profiled, ...words], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return watched(child.pid ?? 0, store, async () => {
    const said = await text(child.stdout);
    if ((await ended) !== 0) throw new Error(`load: ${said}`);
    return Number(/ with (\d+) entries/.exec(said)?.[1]);
  });
}

/** How resources may come in, by the name of the way. */
export const ways: Readonly<Record<string, (task: Task) => Promise<Brought>>> = {
  import: (task) => withServer(task, (server) => sendLines(server.base, task.file)),
  load: command,
  transactions: (task) =>
    withServer(task, async (server) => {
      await loadPatients(server, 0, task.patients);
      return practice().length + task.patients * perPatient;
    }),
};
