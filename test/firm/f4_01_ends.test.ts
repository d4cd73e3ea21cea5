import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openStore } from '../../src/store/openStore.ts';
import { eventually, npmStart, type NpmStart } from '../npmStart.ts';

let folder = '';
const started: NpmStart[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
});
afterEach(async () => {
  for (const { npm } of started.splice(0)) {
    npm.kill('SIGKILL');
    npm.stdout?.destroy();
    npm.stderr?.destroy();
  }
  await eventually(() => canOpen());
  rmSync(folder, { recursive: true, force: true });
});

const start = async (): Promise<NpmStart> => {
  const running = await npmStart(folder);
  started.push(running);
  return running;
};

/** True once the server has let go of the store: only its owner can open it. */
async function canOpen(): Promise<true | undefined> {
  try {
    const store = await openStore(`sqlite:${join(folder, 'claimwright.db')}`, {
      now: () => new Date().toISOString(),
    });
    await store.close();
    return true;
  } catch {
    return undefined;
  }
}

const isUp = ({ origin }: NpmStart): Promise<boolean> =>
  fetch(`${origin}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );

const isDown = async (running: NpmStart): Promise<true | undefined> =>
  (await isUp(running)) ? undefined : true;

test.each(['SIGTERM', 'SIGKILL'] as const)(
  '4.1 %s to the npm start process ends the server, which lets go of the store',
  async (signal) => {
    const running = await start();
    expect(await isUp(running)).toBe(true);
    running.npm.kill(signal);
    await eventually(() => isDown(running));
    await eventually(canOpen);
  },
);

test('4.1 neighbour: Ctrl-C, which a terminal sends to npm and the server alike, ends both', async () => {
  const { npm, ...running } = await start();
  const ended = new Promise((resolve) => npm.once('exit', resolve));
  process.kill(-(npm.pid ?? 0), 'SIGINT');
  await ended;
  await eventually(() => isDown({ npm, ...running }));
  await eventually(canOpen);
});

test('4.1 neighbour: after npm was killed the same npm start serves what was written before', async () => {
  const first = await start();
  const body = JSON.stringify({ resourceType: 'Patient', id: 'kept' });
  const headers = { 'content-type': 'application/fhir+json' };
  expect((await fetch(`${first.origin}/fhir/Patient/kept`, { method: 'PUT', headers, body })).status).toBe(
    201,
  );
  first.npm.kill('SIGKILL');
  await eventually(canOpen);
  const second = await start();
  expect((await fetch(`${second.origin}/fhir/Patient/kept`)).status).toBe(200);
});

test('4.1 neighbour: a server that runs without npm outlives the shell that started it', async () => {
  const script = new URL('../../script/start.js', import.meta.url).pathname;
  const shell = spawn('sh', ['-c', `"$0" "${script}" & echo $!; wait`, process.execPath], {
    env: {
      PATH: process.env['PATH'] ?? '',
      CLAIMWRIGHT_PORT: '0',
      CLAIMWRIGHT_SEED: 'none',
      CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'claimwright.db')}`,
    },
  });
  let said = '';
  shell.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const origin = await eventually(() => /answers at (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1]);
  shell.kill('SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect((await fetch(`${origin}/healthz`)).status).toBe(200);
  process.kill(Number(/^\d+/.exec(said)?.[0]), 'SIGTERM');
  await eventually(canOpen);
});

test('4.1 neighbour: a request that is under way when npm is told to end is still answered', async () => {
  const running = await start();
  const entry = Array.from({ length: 300 }, (_, i) => ({
    resource: { resourceType: 'Patient', id: `p${i}` },
    request: { method: 'PUT', url: `Patient/p${i}` },
  }));
  const answer = fetch(`${running.origin}/fhir`, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
  });
  await new Promise((resolve) => setTimeout(resolve, 20)); // it is being read
  running.npm.kill('SIGTERM');
  expect((await answer).status).toBe(200);
  await eventually(canOpen);
});
