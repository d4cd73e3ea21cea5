import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server in a process of its own on a fresh SQLite file, as a user would start it. */
export interface RunningServer {
  readonly origin: string; // http://127.0.0.1:PORT
  readonly base: string; // origin/fhir
  readonly folder: string;
  readonly pid: number;
  said(): string; // its standard output so far
  logged(): string; // its standard error so far
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  remove(): void;
}

const root = new URL('..', import.meta.url).pathname;
/** Where `npm start` keeps what modules compile to: a start takes half the time with it. setup.ts names it for all. */
export const compileCache = join(root, 'node_modules/.cache/claimwright');

export interface StartOptions {
  /** Commands of a shell that run before the server in its process, as in `ulimit -n 64`. */
  readonly shell?: string;
  /** False: it is not waited for until it is ready, only until it listens. */
  readonly untilReady?: boolean;
  /** Is told all of its standard error so far whenever there is more of it. */
  readonly heard?: (logged: string) => void;
}

export async function startServer(
  settings: Record<string, string> = {},
  into?: string,
  options: StartOptions = {},
): Promise<RunningServer> {
  const folder = into ?? mkdtempSync(join(tmpdir(), 'claimwright-'));
  const { child, said, logged, ended } = spawnServer(settings, folder, options);
  const port = settings['CLAIMWRIGHT_PORT'];
  const origin = port === undefined ? await listening(child, said, logged) : `http://127.0.0.1:${port}`;
  if (options.untilReady !== false) await ready(origin, child, logged);
  return {
    origin,
    base: `${origin}/fhir`,
    folder,
    pid: child.pid ?? 0,
    said,
    logged,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A start that is expected to stop: its exit code and what it wrote to standard error. */
export async function refusedStart(
  settings: Record<string, string>,
  into: string,
  options: StartOptions = {},
): Promise<{ code: number | null; error: string }> {
  const { ended, logged } = spawnServer(settings, into, options);
  const code = await ended;
  return { code, error: logged() };
}

interface Spawned {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly logged: () => string;
  readonly ended: Promise<number | null>;
}

function spawnServer(
  settings: Record<string, string>,
  folder: string,
  { shell, heard }: StartOptions,
): Spawned {
  const run = [process.execPath, '--disable-warning=ExperimentalWarning', 'src/main.ts'];
  const [command = '', ...parameters] =
    shell === undefined ? run : ['sh', '-c', `${shell}; exec "$0" "$@"`, ...run];
  const child = spawn(command, parameters, {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: compileCache,
      CLAIMWRIGHT_PORT: '0',
      CLAIMWRIGHT_LOG: 'error',
      CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'claimwright.db')}`,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let logged = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    logged += chunk.toString();
    heard?.(logged);
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said: () => said, logged: () => logged, ended };
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

async function listening(child: ChildProcess, said: () => string, logged: () => string): Promise<string> {
  for (;;) {
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(said())?.[0];
    if (origin !== undefined) return origin;
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${logged()}`);
    await pause();
  }
}

async function ready(origin: string, child: ChildProcess, logged: () => string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${logged()}`);
    await pause();
  }
}
