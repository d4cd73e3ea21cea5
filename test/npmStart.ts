import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** `npm start` as a user types it: npm, perhaps a shell, and the server below it. */
export interface NpmStart {
  readonly npm: ChildProcess;
  readonly origin: string; // http://127.0.0.1:PORT
  /** What npm and the server printed so far, on either stream. */
  said(): string;
}

const root = new URL('..', import.meta.url).pathname;

export async function npmStart(folder: string, settings: Record<string, string> = {}): Promise<NpmStart> {
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? folder,
      CLAIMWRIGHT_PORT: '0',
      CLAIMWRIGHT_LOG: 'error',
      CLAIMWRIGHT_SEED: 'none',
      CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'claimwright.db')}`,
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, as a terminal makes one
  });
  let said = '';
  npm.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  npm.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const origin = await eventually(
    () => /answers at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1],
    () => {
      if (npm.exitCode !== null) throw new Error(`npm start ended with ${npm.exitCode}: ${said}`);
    },
  );
  return { npm, origin, said: () => said };
}

/** Asks again every 20 ms until there is an answer. */
export async function eventually<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  meanwhile: () => void = () => undefined,
): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
