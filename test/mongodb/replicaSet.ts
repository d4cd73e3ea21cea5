import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLong } from '../runs.ts';

/** Set by setup.ts for the whole run of jest: where its replica set is, or will be. */
const folderName = 'CLAIMWRIGHT_TEST_REPLICA_SET';
const patience = 240_000; // milliseconds

/**
 * The URL of the replica set that the test files of one run share; whoever asks first has it started. It ends with the
 * run, however it ends: keeper.ts watches it. In npm test it is one node: three write everything three times. The long
 * run has three, and so has every test that kills a primary or waits for an election.
 */
export async function startReplicaSet(): Promise<string> {
  const folder = process.env[folderName];
  const runner = process.env[`${folderName}_OF`];
  if (folder === undefined || runner === undefined) throw new Error('jest did not run test/mongodb/setup.ts');
  try {
    mkdirSync(folder);
    spawnKeeper(folder, Number(runner), false, isLong ? 3 : 1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another file was first
  }
  return said(folder);
}

/**
 * Starts a keeper of so many nodes in a folder, which ends when process `runner` does. Only where the primary is killed
 * `isQuick` to elect another: elsewhere a machine that holds the nodes up for seconds is no reason to.
 */
export function spawnKeeper(folder: string, runner: number, isQuick: boolean, count: number): void {
  const keeper = new URL('keeper.ts', import.meta.url).pathname;
  spawn(process.execPath, [keeper, folder, String(runner), isQuick ? 'quick' : 'slow', String(count)], {
    detached: true,
    stdio: 'ignore',
  }).unref();
}

/** Waits for what the keeper says in its folder: the URL, or why there is none. */
export async function said(folder: string): Promise<string> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    for (const name of ['url', 'failed'] as const) {
      const file = join(folder, name);
      if (!existsSync(file)) continue;
      const text = readFileSync(file, 'utf8');
      if (name === 'failed') throw new Error(text);
      return text;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the mongod nodes did not start within ${patience / 1000} seconds`);
}
