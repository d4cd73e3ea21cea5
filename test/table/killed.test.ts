import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readList, rowsKind } from '../../src/operation/table/loadedTables.ts';
import { openRecords } from '../../src/store/openStore.ts';
import { emptyDatabase } from '../mongodb/database.ts';

const folder = mkdtempSync(join(tmpdir(), 'claimwright-tables-'));
const now = (): string => new Date().toISOString();
const command = new URL('../../src/command/tables.ts', import.meta.url).pathname;
const limit = 60_000; // milliseconds

/** Units of a quarter: the same code again and again. */
const units = (rows: number, most: number): string =>
  `HCPCS,Value,MAI,Rationale\n${`J1885,${most},2 Date of Service Edit,x\n`.repeat(rows)}`;

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['sqlite', () => Promise.resolve(`sqlite:${join(folder, 'killed.db')}`)],
  ['mongodb', () => emptyDatabase('tableKilled')],
])('%s', (name, urlOf) => {
  let url: string;
  beforeAll(async () => {
    url = await urlOf();
  });

  const load = (file: string) =>
    spawn(process.execPath, [command, '--table', 'mue-practitioner', '--edition', '2026Q1', file], {
      env: { ...process.env, CLAIMWRIGHT_STORE: url, CLAIMWRIGHT_TEST_MONGODB: undefined },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  /** What is in force, and under how many generations rows are kept. */
  const kept = async () => {
    const { records, close } = await openRecords(url, { now, base: 'http://127.0.0.1:8080/fhir' });
    try {
      const { loaded } = await readList(records);
      const kinds = await records.kinds('coding-table|');
      const rows = await Promise.all(loaded.map(({ id }) => records.find(rowsKind(id), 'J1885')));
      return { loaded: loaded.map((one) => one.rows), kinds: kinds.length, rows: rows.map((r) => r?.value) };
    } finally {
      await close();
    }
  };

  test('8.7 a load that is killed in the middle leaves the table that was there, and the next one takes its place', async () => {
    const whole = join(folder, `${name}.csv`);
    writeFileSync(whole, units(1, 4));
    expect((await once(load(whole), 'exit'))[0]).toBe(0);
    const before = { loaded: [1], kinds: 1, rows: ['[[4,2]]'] };
    expect(await kept()).toEqual(before);

    const pipe = join(folder, `${name}-half.csv`);
    execFileSync('mkfifo', [pipe]);
    const half = load(pipe);
    const ended = once(half, 'exit');
    const into = createWriteStream(pipe);
    into.on('error', () => undefined);
    into.write(units(6000, 9)); // the file goes on: its end is never written
    const until = Date.now() + limit;
    while (half.exitCode === null && (await kept()).kinds < 2 && Date.now() < until) await pause(50);
    half.kill('SIGKILL');
    expect((await ended)[1]).toBe('SIGKILL');
    into.destroy();
    expect(await kept()).toEqual({ ...before, kinds: 2 });

    writeFileSync(whole, units(1, 7));
    expect((await once(load(whole), 'exit'))[0]).toBe(0);
    expect(await kept()).toMatchObject({ loaded: [1], rows: ['[[7,2]]'] });
  }, 180_000);
});
