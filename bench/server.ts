import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { cpuSecondsOf, memoryMbOf, mongodsAt } from './processorTime.ts';

/** A Claimwright of its own process, for a benchmark to talk to. */
export interface Running {
  readonly base: string; // http://127.0.0.1:PORT/fhir
  readonly store: string; // sqlite:FILE or mongodb://…
  readonly readyAfterMs: number;
  readonly pid: number;
  memoryMb(): number; // resident, server alone
  databaseMb(): number; // resident, all mongods of the store
  cpuSeconds(): number; // user and system, server and mongods
  /** Ends it; `signal` SIGKILL leaves it no time to close anything. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** What `npm start` runs Node with: its options and the script. */
const command = /\bnode (.*)$/.exec(packageJson.scripts.start)?.[1]?.split(' ') ?? [];

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'claimwright-bench-'));

export async function startServer(folder: string, settings: Record<string, string> = {}): Promise<Running> {
  const store = settings['CLAIMWRIGHT_STORE'] ?? `sqlite:${join(folder, 'bench.db')}`;
  const started = performance.now();
  const profile = process.env['BENCH_PROF'];
  const arguments_ = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...process.execArgv, ...arguments_, ...command], {
    env: { PATH: process.env['PATH'] ?? '', CLAIMWRIGHT_PORT: '0', CLAIMWRIGHT_STORE: store, ...settings },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const origin = await listeningAt(child);
  await ready(origin);
  const readyAfterMs = performance.now() - started;
  const pid = child.pid ?? 0;
  const mongods = mongodsAt(store);
  const total = (of: (pid: number) => number): number => mongods.reduce((sum, no) => sum + of(no), 0);
  return {
    base: `${origin}/fhir`,
    store,
    readyAfterMs,
    pid,
    memoryMb: () => memoryMbOf(pid),
    databaseMb: () => total(memoryMbOf),
    cpuSeconds: () => cpuSecondsOf(pid) + total(cpuSecondsOf),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await gone;
    },
  };
}

function listeningAt(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (origin !== undefined) resolve(origin);
    });
    child.once('exit', () => {
      reject(new Error(`the server ended: ${said}`));
    });
  });
}

async function ready(origin: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const removeFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
};
