import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../freePort.ts';
import { until } from '../../until.ts';
import { startServer, type RunningServer } from '../../server.ts';

/** The morning in the office as README.md prints it, on a year's practice of one patient of each kind. */
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
const commands = /```sh\n(# A morning[\s\S]*?)```/.exec(readme)?.[1] ?? '';
/** What README.md says each command prints: the comment behind it. */
const promised = [...commands.matchAll(/^(?:count |.*\| field ).*\S +# (\S+)$/gm)].map(([, said]) => said);

let server: RunningServer;
let whileSeeding = 0;
beforeAll(async () => {
  const settings = {
    CLAIMWRIGHT_SEED: 'year',
    CLAIMWRIGHT_TEST_YEAR_PATIENTS: '40',
    CLAIMWRIGHT_PORT: String(await freePort()),
  };
  server = await startServer(settings, undefined, { untilReady: false });
  const ready = (): Promise<number | undefined> =>
    fetch(`${server.origin}/readyz`).then(
      ({ status }) => status,
      () => undefined, // it does not listen yet
    );
  whileSeeding = await until(ready);
  await until(async () => (await ready()) === 200, 600_000);
}, 600_000);
afterAll(async () => {
  await server.stop();
  server.remove();
});

test('12 while the year is loaded, /readyz is 503', () => {
  expect(whileSeeding).toBe(503);
});

test('12 the morning of the README prints what the README says', async () => {
  expect(promised.length).toBeGreaterThan(7);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
    env: { PATH: process.env['PATH'] ?? '', BASE: server.base },
  });
  expect(stdout.trim().split('\n')).toEqual(promised);
}, 300_000);
