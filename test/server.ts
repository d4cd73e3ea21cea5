import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server in a process of its own on a fresh SQLite file, as a user would start it. */
export interface RunningServer {
  readonly origin: string; // http://127.0.0.1:PORT
  readonly base: string; // origin/fhir
  readonly folder: string;
  said(): string; // its standard output so far
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  remove(): void;
}

const root = new URL('..', import.meta.url).pathname;

export async function startServer(
  settings: Record<string, string> = {},
  into?: string,
): Promise<RunningServer> {
  const folder = into ?? mkdtempSync(join(tmpdir(), 'claimwright-'));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main.ts'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      CLAIMWRIGHT_PORT: '0',
      CLAIMWRIGHT_LOG: 'error',
      CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'claimwright.db')}`,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complained = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const origin = await listening(
    child,
    () => said,
    () => complained,
  );
  await ready(origin);
  return {
    origin,
    base: `${origin}/fhir`,
    folder,
    said: () => said,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess, said: () => string, complained: () => string): Promise<string> {
  for (;;) {
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said())?.[0];
    if (origin !== undefined) return origin;
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${complained()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ready(origin: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
