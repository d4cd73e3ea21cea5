import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../freePort.ts';
import { eventually } from '../npmStart.ts';
import { startServer, type RunningServer } from '../server.ts';

/** What a first start prints, on a server of its own with the demo practice. */
let server: RunningServer;
let lines: readonly string[] = [];

/** What it printed, once all of it is there. */
const printed = (running: RunningServer): Promise<string> =>
  eventually(() => (/^Try: .*\n/m.test(running.said()) ? running.said() : undefined));

beforeAll(async () => {
  server = await startServer({ CLAIMWRIGHT_SEED: 'demo' });
  lines = (await printed(server)).split('\n');
});
afterAll(async () => {
  await server.stop();
  server.remove();
});

test('4.3 the table that npm start prints fits 120 columns', () => {
  expect(lines.length).toBeGreaterThan(20);
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});

test('4.3 the table names patient, visit, charge, insurer paid, written off and patient owes, and links each Invoice', async () => {
  const [above = '', below = ''] = lines;
  for (const head of ['Insurer', 'Written', 'Patient']) expect(above).toContain(head);
  for (const head of ['Patient', 'Visit', 'Charge', 'paid', 'off', 'owes']) expect(below).toContain(head);
  expect(server.said()).toMatch(/Nora Whitfield +2026-01-20 Encounter\/story-01 +246\.40 +149\.92 +71\.48/);
  const links = [...server.said().matchAll(/http\S+\/Invoice\/\S+/g)].map(([url]) => url);
  expect(links).toHaveLength(8);
  for (const url of links) expect((await fetch(url)).status).toBe(200);
});

test('4.3 the example that npm start prints is readable: a command whose answer is a value a line', async () => {
  const command = /^Try: (curl '.*')$/m.exec(server.said())?.[1] ?? '';
  expect(command).not.toBe('');
  const { stdout } = await promisify(execFile)('bash', ['-c', command]);
  expect(stdout.split('\n').length).toBeGreaterThan(20);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(160);
  expect(JSON.parse(stdout)).toMatchObject({ resourceType: 'Parameters' });
});

test('4.3 neighbour: links to a public URL of any length stay whole, on a line of their own where they are long', async () => {
  const publicUrl = `https://billing.example/${'a-long-name-of-a-practice/'.repeat(4)}fhir`;
  const other = await startServer({
    CLAIMWRIGHT_SEED: 'demo',
    CLAIMWRIGHT_PUBLIC_URL: publicUrl,
    CLAIMWRIGHT_PORT: String(await freePort()),
  });
  try {
    const said = (await printed(other)).split('\n');
    expect(
      said.filter((line) => line.includes('/Invoice/')).every((line) => line.startsWith(publicUrl)),
    ).toBe(true);
    expect(said.filter((line) => !line.includes(publicUrl) && line.length > 120)).toEqual([]);
  } finally {
    await other.stop();
    other.remove();
  }
});

test('4.3 neighbour: each line of the table adds up to its charge', () => {
  const rows = lines.filter((line) => /Encounter\/story-|^Total/.test(line));
  expect(rows).toHaveLength(11);
  for (const row of rows) {
    const amounts = [...row.matchAll(/[\d,]+\.\d\d/g)].map(([text]) => Number(text.replace(/[,.]/g, '')));
    const [charge, ...parts] = amounts;
    const credit = parts.pop() ?? 0;
    expect(parts.reduce((sum, part) => sum + part, 0) - credit).toBe(charge);
  }
});

test('4.3 neighbour: a second start of the same store prints no table and the same example', async () => {
  await server.stop();
  const again = await startServer({ CLAIMWRIGHT_SEED: 'demo' }, server.folder);
  await printed(again);
  expect(again.said()).not.toContain('Encounter/story-01');
  expect(again.said()).toMatch(/^Try: curl '.*\$balance\?_pretty=true'$/m);
  await again.stop();
});
