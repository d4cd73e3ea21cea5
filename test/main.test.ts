import { spawn, type ChildProcess } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { freePort } from './freePort.ts';
import { compileCache } from './server.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;
const cached = new URL('../script/start.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
  /** The base URL, once it is printed. */
  readonly base: Promise<string>;
}

function start(environment: Readonly<Record<string, string>>, script = main): Started {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [script], {
    env: {
      ...{ PATH, NODE_COMPILE_CACHE: compileCache, CLAIMWRIGHT_PORT: '0', CLAIMWRIGHT_SEED: 'none' },
      ...environment,
    },
  });
  running.push(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const base = new Promise<string>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
      const url = /answers at (\S+)\n/.exec(stdout)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, stderr });
    });
  });
  return { child, ended, base };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The status at a URL; undefined while nobody listens. */
const statusOf = (url: string): Promise<number | undefined> =>
  fetch(url).then(
    ({ status }) => status,
    () => undefined,
  );

describe('the process', () => {
  test('prints the base URL with the port it got, serves, and ends cleanly on SIGTERM', async () => {
    const { child, ended, base } = start({ CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'a.db')}` });
    const url = await base;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/fhir$/);
    const origin = url.replace(/\/fhir$/, '');
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
    const body = JSON.stringify({ resourceType: 'Patient', id: 'p1' });
    const headers = { 'content-type': 'application/fhir+json' };
    expect((await fetch(`${url}/Patient/p1`, { method: 'PUT', headers, body })).status).toBe(201);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
    const again = start({ CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'a.db')}` });
    expect((await fetch(`${await again.base}/Patient/p1`)).status).toBe(200);
    again.child.kill('SIGINT');
    expect(await again.ended).toMatchObject({ code: 0 });
  });

  test('keeps what its modules compile to for the next start, however it ends', async () => {
    const environment = {
      CLAIMWRIGHT_STORE: 'sqlite::memory:',
      NODE_COMPILE_CACHE: join(folder, 'compiled'),
    };
    const first = start(environment, cached);
    await first.base;
    while (globSync(join(folder, 'compiled', '*', '*')).length < 100) await pause(20);
    first.child.kill('SIGKILL');
    await first.ended;
    const again = start(environment, cached);
    expect((await fetch(`${await again.base}/metadata`)).status).toBe(200);
    again.child.kill('SIGTERM');
    expect(await again.ended).toMatchObject({ code: 0 });
  });

  test('lets what is in flight finish before it ends', async () => {
    const { child, ended, base } = start({ CLAIMWRIGHT_STORE: 'sqlite::memory:' });
    const url = await base;
    const entry = Array.from({ length: 2000 }, () => ({
      resource: { resourceType: 'Patient', birthDate: '1980-12-31' },
      request: { method: 'POST', url: 'Patient' },
    }));
    const headers = { 'content-type': 'application/fhir+json', expect: '100-continue' };
    const sent = request(url, { method: 'POST', headers });
    const status = new Promise<number | undefined>((resolve, reject) => {
      sent.once('error', reject).once('response', (response) => {
        resolve(response.resume().statusCode);
      });
    });
    sent.once('continue', () => {
      child.kill('SIGTERM'); // the request has reached it
      sent.end(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }));
    });
    sent.flushHeaders();
    expect(await status).toBe(200);
    expect(await ended).toMatchObject({ code: 0 });
  });

  test.each([
    ['an unknown setting', { CLAIMWRIGHT_COLOR: 'red' }, /CLAIMWRIGHT_COLOR/],
    ['an open address without authorization', { CLAIMWRIGHT_HOST: '0.0.0.0' }, /CLAIMWRIGHT_AUTH/],
  ])('stops at %s and names it', async (_name, environment, expected) => {
    const { code, stderr } = await start(environment).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toContain('at ');
  });

  test('ends cleanly while it seeds, and the next start finishes', async () => {
    const port = await freePort();
    const ready = `http://127.0.0.1:${port}/readyz`;
    const seeding = async (file: string): Promise<[Started, Record<string, string>, number]> => {
      const environment = {
        CLAIMWRIGHT_PORT: String(port),
        CLAIMWRIGHT_STORE: `sqlite:${join(folder, file)}`,
        CLAIMWRIGHT_SEED: 'demo',
        CLAIMWRIGHT_LOG: 'error',
      };
      const started = start(environment);
      let status = await statusOf(ready);
      for (; status === undefined; status = await statusOf(ready)) await pause(5);
      return [started, environment, status];
    };
    let [first, environment, status] = await seeding('c.db');
    for (let again = 0; status === 200; again += 1) {
      first.child.kill('SIGTERM'); // it had seeded before it was asked
      await first.ended;
      [first, environment, status] = await seeding(`c${again}.db`);
    }
    expect(status).toBe(503);
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual({ code: 0, stderr: '' });
    const second = start(environment);
    const url = await second.base;
    expect(await statusOf(ready)).toBe(200);
    const { total } = (await (await fetch(`${url}/Invoice?_total=accurate`)).json()) as { total: number };
    expect(total).toBeGreaterThan(5);
    second.child.kill('SIGTERM');
    expect(await second.ended).toMatchObject({ code: 0 });
  });

  test('says which port is taken', async () => {
    const first = start({ CLAIMWRIGHT_STORE: 'sqlite::memory:' });
    const { port } = new URL(await first.base);
    const second = start({ CLAIMWRIGHT_STORE: 'sqlite::memory:', CLAIMWRIGHT_PORT: port });
    const { code, stderr } = await second.ended;
    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}`);
  });

  test('does not share its store with a second one', async () => {
    const environment = { CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'b.db')}` };
    const first = start(environment);
    await first.base;
    const { code, stderr } = await start(environment).ended;
    expect(code).toBe(1);
    expect(stderr).toContain(String(first.child.pid));
    expect(stderr).toContain('--to ');
    first.child.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 0 });
  });
});
