import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startServer, type RunningServer } from '../server.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const commands = /```bash\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
/** What README.md says each command prints: the comment behind it. */
const promised = [...commands.matchAll(/\| field '[^']+'\s+# (\S+)$|\| field '[^']+' +# (\S+)$/gm)].map(
  ([, a, b]) => a ?? b,
);

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

test('every script the README names exists', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
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
