import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Claimwright of its own process on a fresh SQLite file, for a benchmark to talk to. */
export interface Running {
  readonly base: string; // http://127.0.0.1:PORT/fhir
  readonly store: string; // sqlite:FILE
  readonly readyAfterMs: number;
  memoryMb(): number; // resident
  cpuSeconds(): number; // user and system
  stop(): Promise<void>;
}

export const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'claimwright-bench-'));

export async function startServer(folder: string, settings: Record<string, string> = {}): Promise<Running> {
  const store = `sqlite:${join(folder, 'bench.db')}`;
  const started = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, 'src/main.ts'], {
    env: { PATH: process.env['PATH'] ?? '', CLAIMWRIGHT_PORT: '0', CLAIMWRIGHT_STORE: store, ...settings },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const origin = await listeningAt(child);
  await ready(origin);
  const readyAfterMs = performance.now() - started;
  const pid = String(child.pid);
  return {
    base: `${origin}/fhir`,
    store,
    readyAfterMs,
    memoryMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
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
