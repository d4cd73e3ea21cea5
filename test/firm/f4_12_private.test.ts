import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { compileCache, startServer } from '../server.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const none = { CLAIMWRIGHT_SEED: 'none' };
const modeOf = (name: string): number => statSync(join(folder, name)).mode & 0o777;

async function backup(to: string): Promise<void> {
  await promisify(execFile)(process.execPath, ['src/command/backup.ts', to], {
    cwd: new URL('../../', import.meta.url).pathname,
    env: {
      CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'claimwright.db')}`,
      NODE_COMPILE_CACHE: compileCache,
      PATH: process.env['PATH'] ?? '',
    },
  });
}

test('4.12 store, lock and backup are readable by their owner only', async () => {
  const server = await startServer(none, folder);
  await backup(join(folder, 'copy.db'));
  for (const name of [
    'claimwright.db',
    'claimwright.db-wal',
    'claimwright.db-shm',
    'claimwright.db.lock',
    'copy.db',
  ])
    expect([name, modeOf(name)]).toEqual([name, 0o600]);
  await server.stop();
});

test('4.12 neighbour: also where the umask of the process would let others read', async () => {
  const server = await startServer(none, folder, { shell: 'umask 000' });
  for (const name of ['claimwright.db', 'claimwright.db-wal', 'claimwright.db-shm', 'claimwright.db.lock'])
    expect([name, modeOf(name)]).toEqual([name, 0o600]);
  await server.stop();
});

test('4.12 neighbour: a store that others could read until now is closed to them by the next start', async () => {
  await (await startServer(none, folder)).stop();
  chmodSync(join(folder, 'claimwright.db'), 0o644);
  const server = await startServer(none, folder);
  for (const name of ['claimwright.db', 'claimwright.db-wal', 'claimwright.db-shm'])
    expect([name, modeOf(name)]).toEqual([name, 0o600]);
  await server.stop();
});

test('4.12 neighbour: a store in a folder that is not there yet is made in one for its owner only', async () => {
  const store = `sqlite:${join(folder, 'deep', 'er', 'claimwright.db')}`;
  const server = await startServer({ ...none, CLAIMWRIGHT_STORE: store }, folder);
  expect([modeOf('deep/er'), modeOf('deep/er/claimwright.db')]).toEqual([0o700, 0o600]);
  await server.stop();
});
