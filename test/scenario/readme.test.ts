import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../npmStart.ts';
import { asking, Browser } from '../smart/browser.ts';
import { startServer, type RunningServer } from '../server.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const commands = /```bash\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
/** What README.md says each command prints: the comment behind it. */
const promised = [...commands.matchAll(/\| field '[^']+'\s+# (\S+)$|\| field '[^']+' +# (\S+)$/gm)].map(
  ([, a, b]) => a ?? b,
);

/** One of the blocks of commands, by its place. */
const block = (i: number): string =>
  [...readme.matchAll(/```bash\n([\s\S]*?)```/g)].filter(([, text = '']) => text.startsWith('BASE='))[
    i
  ]?.[1] ?? '';
const env = (more: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  BASE: server.base,
  CLAIMWRIGHT_STORE: `sqlite:${join(server.folder, 'claimwright.db')}`,
  ...more,
});

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  server.remove();
});

test('the commands of the README print what the README says', async () => {
  expect(promised.length).toBeGreaterThanOrEqual(4);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
    env: { PATH: process.env['PATH'] ?? '', BASE: server.base },
  });
  expect(stdout.trim().split('\n')).toEqual(promised);
});

test('the SMART app of the README gets a token when its user allows it', async () => {
  const link = /http:\S+\/auth\/link\/\S+/.exec(server.said())?.[0] ?? ''; // of the patient, the first
  const port = Number(new URL(server.base).port);
  const agent = new Agent();
  const browser = new Browser({ base: server.base, ask: asking(agent, port) });
  await browser.open(link);
  const run = spawn('bash', ['-euo', 'pipefail', '-c', block(1)], { env: env({}) });
  let said = '';
  run.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const url = await eventually(() => /^(http\S+)\n/.exec(said)?.[1]);
  await browser.open(url);
  await browser.submit({ do: 'allow' });
  run.stdin.end(`${new URL(browser.url).searchParams.get('code') ?? ''}\n`);
  const code = await new Promise((resolve) => run.on('close', resolve));
  agent.destroy();
  expect([code, said.trim().split('\n').at(-1)]).toEqual([0, '1']);
});

test('the backend service of the README gets a token', async () => {
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', block(2)], {
    env: env({ KEY: join(server.folder, 'nightly.json') }),
  });
  expect(stdout.trim()).toBe('1');
});

test('every script the README names exists', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm run ([a-z0-9:]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('a start on a store that holds data alters nothing', async () => {
  const counts = async (): Promise<unknown[]> =>
    Promise.all(
      ['Patient', 'Claim', 'Invoice', 'ChargeItem', 'Task', 'PaymentNotice'].map(async (type) => {
        const answer = await fetch(`${server.base}/${type}?_count=0&_total=accurate`);
        return ((await answer.json()) as { total: number }).total;
      }),
    );
  const before = await counts();
  expect(await server.stop()).toBe(0);
  server = await startServer({}, server.folder);
  expect(await counts()).toEqual(before);
});
