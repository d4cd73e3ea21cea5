import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { localClient } from '../../src/command/load/client.ts';
import { loadParts } from '../../src/command/load/loadParts.ts';
import { progressOn } from '../../src/command/load/progress.ts';
import { digest } from '../../src/command/move/digest.ts';
import { seed } from '../../src/command/seed.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { testContext } from '../context.ts';
import { emptyDatabase } from '../mongodb/database.ts';

const utf8 = new TextDecoder();
const now = (): string => new Date().toISOString();
const root = new URL('../..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'claimwright-move-'));
const first = `sqlite:${join(folder, 'first.db')}`;
const last = `sqlite:${join(folder, 'last.db')}`;
let cluster = '';
/** Milliseconds that a busy machine may take: three nodes are started, and processes one after another. */
const patience = 600_000;

/** Runs the command; kills it as soon as it has said so many lines. */
function move(
  from: string,
  to: string,
  killAfter = Infinity,
): Promise<{ status: number | null; said: string }> {
  const child = spawn(process.execPath, ['src/command/move.ts', from, to], { cwd: root });
  let said = '';
  const hear = (chunk: Buffer): void => {
    said += chunk.toString();
    if (said.split('\n').length > killAfter) child.kill('SIGKILL');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve) =>
    child.once('exit', (status) => {
      resolve({ status, said });
    }),
  );
}

const opened = async <T>(url: string, work: (store: Store) => Promise<T>): Promise<T> => {
  const store = await openStore(url, { now });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
};

/** What a client sees: searches in their order, histories, the journal, keys. */
async function seen(store: Store): Promise<unknown> {
  const answers: unknown[] = [];
  for (const [type, pairs] of [
    ['Patient', []],
    ['Patient', [['_sort', '-birthdate']]],
    ['Claim', [['status', 'active']]],
    ['Observation', [['code', '8302-2']]],
    ['Practitioner', [['name', 'a']]],
    ['ExplanationOfBenefit', [['created', 'ge2000']]],
  ] as const) {
    const page = await store.search(parsePairs(type, [...pairs, ['_count', '200']]));
    answers.push([
      type,
      page.total,
      page.matches.map(({ id, version, lastUpdated }) => [id, version, lastUpdated]),
    ]);
  }
  const { matches } = await store.search(parsePairs('Invoice', [['_count', '200']]));
  const versions = async (type: 'Invoice' | 'Patient', id: string) =>
    (await store.history(type, id, { count: 100 })).map((v) => [
      v.version,
      v.lastUpdated,
      v.method,
      v.deleted,
      utf8.decode(v.json),
    ]);
  for (const { id } of matches) answers.push(await versions('Invoice', id));
  answers.push((await store.entries({ count: 100_000 })).entries, await versions('Patient', 'gone'));
  return answers;
}

beforeAll(async () => {
  cluster = await emptyDatabase('move');
  await opened(first, async (store) => {
    const context = await testContext({ store });
    await seed(context);
    const lives = ['hospitalInformation', 'practitionerInformation', 'Jerry654'];
    const paths = lives.map((name) => join(root, `test/fixture/synthea/${name}.json.gz`));
    const { faults } = await loadParts(
      localClient(context),
      { paths, bill: false },
      progressOn(process.stderr),
    );
    expect(faults).toEqual([]);
    await store.transaction((tx) => tx.put({ resourceType: 'Patient', id: 'gone', gender: 'male' }));
    await store.transaction((tx) => tx.put({ resourceType: 'Patient', id: 'gone', gender: 'female' }));
    await store.transaction((tx) => tx.delete('Patient', 'gone'));
  });
}, patience);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('npm run move', () => {
  test(
    'SQLite → MongoDB, killed in the middle, → SQLite: the same to the last byte, and it answers the same',
    async () => {
      const killed = await move(first, cluster, 3);
      expect([killed.status, killed.said.includes('Equal.')]).toEqual([null, false]);
      await expect(openStore(cluster, { now })).rejects.toThrow('is not finished');
      const other = `sqlite:${join(folder, 'other.db')}`;
      await opened(other, () => Promise.resolve());
      expect((await move(other, cluster)).said).toContain('a move from another store');

      const there = await move(first, cluster);
      expect(there.said).toMatch(/^goes on after \d+\n/);
      expect([there.status, there.said.includes('Equal.')]).toEqual([0, true]);
      const back = await move(cluster, last, 4);
      expect(back.said).not.toContain('Equal.');
      const again = await move(cluster, last);
      expect([again.status, again.said.slice(0, 14)]).toEqual([0, 'goes on after ']);

      const [one, two, three] = [
        await opened(first, (store) => digest(store, 0)),
        await opened(cluster, (store) => digest(store, 0)),
        await opened(last, (store) => digest(store, 0)),
      ];
      expect(one.resources).toBeGreaterThan(600);
      expect(one.entries).toBeGreaterThan(50);
      expect([two, three]).toEqual([one, one]);
      const before = await opened(first, seen);
      expect(await opened(cluster, seen)).toEqual(before);
      expect(await opened(last, seen)).toEqual(before);
    },
    patience,
  );

  test('refuses a store that holds something, and a source that is not there', async () => {
    const full = `sqlite:${join(folder, 'full.db')}`;
    await opened(full, (store) => store.transaction((tx) => tx.reserve('key', 'Patient/1')));
    const refused = await move(first, full);
    expect([refused.status, refused.said]).toEqual([1, expect.stringContaining('holds something already')]);
    const missing = await move(`sqlite:${join(folder, 'none.db')}`, full);
    expect([missing.status, missing.said]).toEqual([1, expect.stringContaining('there is no store')]);
    expect((await move(first, first)).status).toBe(1);
  });

  test('refuses a source that a server uses', async () => {
    const to = `sqlite:${join(folder, 'unused.db')}`;
    const { status, said } = await opened(first, () => move(first, to));
    expect([status, said]).toEqual([1, expect.stringContaining('is in use by process')]);
  });

  test('a difference anywhere gives another hash', async () => {
    const url = (name: string): string => `sqlite:${join(folder, `${name}.db`)}`;
    const hashOf = (name: string, work: (store: Store) => Promise<unknown>): Promise<string> =>
      opened(url(name), async (store) => {
        await work(store);
        return (await digest(store, 0)).sha256;
      });
    const hashes = [
      await hashOf('d0', () => Promise.resolve()),
      await hashOf('d1', (store) => store.transaction((tx) => tx.reserve('a', 'bc'))),
      await hashOf('d2', (store) => store.transaction((tx) => tx.reserve('ab', 'c'))),
    ];
    expect(new Set(hashes).size).toBe(3);
  });
});
