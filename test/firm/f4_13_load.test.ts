import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../freePort.ts';
import { eventually } from '../npmStart.ts';
import { compileCache, startServer } from '../server.ts';
import { httpServer } from '../httpServer.ts';

const root = new URL('../../', import.meta.url).pathname;
let folder = '';
let lines = '';
const patients = 30_000;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-load-'));
  lines = join(folder, 'patients.ndjson');
  const line = (i: number): string =>
    JSON.stringify({
      resourceType: 'Patient',
      id: `p${i}`,
      name: [{ family: `Family${i}`, given: ['A', 'B'] }],
    });
  writeFileSync(lines, Array.from({ length: patients }, (_, i) => line(i)).join('\n'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `npm run load -- --to URL FILE` as its command does; `meanwhile` is asked until it ends. */
async function load(to: string, file: string): Promise<{ code: number | null; said: string; error: string }> {
  const child = spawn(process.execPath, ['src/command/load.ts', '--to', to, file], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache },
  });
  let said = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said, error };
}

const countOf = async (base: string): Promise<number> => {
  const answer = await fetch(`${base}/Patient?_summary=count`).catch(() => undefined);
  return ((await answer?.json()) as { total?: number } | undefined)?.total ?? 0;
};

test('4.13 load --to says which server went away and how to go on, and going on loads the rest once', async () => {
  const port = String(await freePort());
  const settings = { CLAIMWRIGHT_SEED: 'none', CLAIMWRIGHT_PORT: port };
  const server = await startServer(settings);
  const loading = load(server.base, lines);
  await eventually(async () => ((await countOf(server.base)) > 0 ? true : undefined));
  await server.stop('SIGKILL');
  const { code, error } = await loading;
  expect(code).toBe(2);
  expect(error).toContain(`The server at ${server.base} went away`);
  expect(error).toContain('run the same command');
  expect(error).not.toMatch(/\n\s+at /); // no stack
  const again = await startServer(settings, server.folder);
  expect(await load(again.base, lines)).toMatchObject({ code: 0, error: '' });
  expect(await countOf(again.base)).toBe(patients);
  const version = (await (await fetch(`${again.base}/Patient/p0`)).json()) as { meta: { versionId: string } };
  expect(version.meta.versionId).toBe('1');
  await again.stop();
  again.remove();
});

test('4.13 neighbour: a server that was never there is named', async () => {
  const base = `http://127.0.0.1:${await freePort()}/fhir`;
  const { code, error } = await load(base, lines);
  expect([code, error.includes(base), error.includes('ECONNREFUSED')]).toEqual([2, true, true]);
});

test.each([
  ['4.13 neighbour: what answers 502 with a page in place of the server is named', 502],
  ['4.13 neighbour: a URL that is no FHIR base is named', 200],
])('%s', async (_, status) => {
  const page = httpServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Hello</h1>');
  });
  const port = await freePort();
  await new Promise<void>((resolve) => page.listen(port, '127.0.0.1', resolve));
  try {
    const { code, error } = await load(`http://127.0.0.1:${port}/fhir`, lines);
    expect(code).toBe(2);
    expect(error).toContain(
      `http://127.0.0.1:${port}/fhir answered ${status} with something that is no FHIR JSON`,
    );
  } finally {
    page.closeAllConnections();
    page.close();
  }
});
