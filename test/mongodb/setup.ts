import { existsSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the caller has set for a server of his own is none of the tests' business. */
function withoutSettings(): void {
  for (const name of Object.keys(process.env))
    if (/^CLAIMWRIGHT_(?!TEST_)/.test(name)) Reflect.deleteProperty(process.env, name);
}

const memory = '/dev/shm';
const enough = 3 * 1024 ** 3; // bytes

/** In memory where there is plenty: every commit of MongoDB waits for its disk. */
function roomyFolder(): string {
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= enough ? memory : tmpdir();
}

/** Servers and commands that tests start take half the time to start with it. */
const compileCache = new URL('../../node_modules/.cache/claimwright', import.meta.url).pathname;

/** Names the folder of the run's replica set; it is started by the first test that needs it. */
export default function setup(): void {
  withoutSettings();
  process.env['NODE_COMPILE_CACHE'] = compileCache;
  process.env['CLAIMWRIGHT_TEST_REPLICA_SET'] = join(
    roomyFolder(),
    `claimwright-mongod-${process.pid}-${Date.now()}`,
  );
  process.env['CLAIMWRIGHT_TEST_REPLICA_SET_OF'] = String(process.pid);
}
