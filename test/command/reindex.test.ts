import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openContext } from '../../src/command/openContext.ts';
import { reindex } from '../../src/command/reindex.ts';
import { readConfig, type Config } from '../../src/config.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { openStore } from '../../src/store/openStore.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  file = join(folder, 'store.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const config = (url: string): Config => readConfig({ CLAIMWRIGHT_STORE: url });
const now = (): string => new Date().toISOString();
const tables = ['token', 'reference', 'date', 'string', 'quantity'];

/** Every row of the index, as text. */
function rows(): string[] {
  const database = new DatabaseSync(file);
  const all = tables.flatMap((table) => database.prepare(`SELECT '${table}', * FROM ${table}`).all());
  database.close();
  return all.map((row) => JSON.stringify(row)).sort();
}

async function filled(): Promise<void> {
  const store = await openStore(`sqlite:${file}`, { now });
  await store.transaction(async (tx) => {
    await tx.put({
      resourceType: 'Patient',
      id: 'a',
      gender: 'male',
      birthDate: '1980',
      name: [{ family: 'Ash' }],
    });
    await tx.put({
      resourceType: 'Patient',
      id: 'a',
      gender: 'female',
      birthDate: '1980',
      name: [{ family: 'Ash' }],
    });
    await tx.put({ resourceType: 'Patient', id: 'gone', gender: 'male' });
    await tx.delete('Patient', 'gone');
    await tx.put({
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '1-8' }] },
      subject: { reference: 'Patient/a' },
      valueQuantity: { value: 5, unit: 'mg' },
    });
  });
  await store.close();
}

test('an index made anew is the index that writing made', async () => {
  await filled();
  const before = rows();
  expect(before.length).toBeGreaterThan(8);
  const database = new DatabaseSync(file);
  for (const table of tables) database.exec(`DELETE FROM ${table}`);
  database.close();
  expect(await reindex(config(`sqlite:${file}`))).toBe(2);
  expect(rows()).toEqual(before);
  expect(await reindex(config(`sqlite:${file}`))).toBe(2);
  expect(rows()).toEqual(before);
});

test('a parameter whose expression has changed is indexed anew by the next start', async () => {
  await filled();
  const before = rows();
  const database = new DatabaseSync(file);
  database.exec(
    'DELETE FROM token WHERE parameter IN (SELECT no FROM parameter WHERE ' +
      "(type = 'Patient' AND code = 'gender') OR (type = 'Observation' AND code = 'status'))",
  );
  database.exec(
    "UPDATE parameter SET expression = 'Patient.other' WHERE type = 'Patient' AND code = 'gender'",
  );
  database.exec("DELETE FROM parameter WHERE type = 'Observation' AND code = 'status'"); // as if it were new
  database.close();
  const store = await openStore(`sqlite:${file}`, { now });
  await store.buildIndex();
  expect((await store.search(parsePairs('Patient', [['gender', 'female']]))).matches.length).toBe(1);
  expect((await store.search(parsePairs('Observation', [['status', 'final']]))).matches.length).toBe(1);
  await store.close();
  expect(rows().length).toBe(before.length);
});

test('a store that a process owns is left alone, and the owner is named', async () => {
  const store = await openStore(`sqlite:${file}`, { now });
  await expect(reindex(config(`sqlite:${file}`))).rejects.toThrow(
    new RegExp(`in use by process ${process.pid}.*--to URL`),
  );
  await store.close();
});

test.each([
  ['SQLite', () => Promise.resolve(`sqlite:${file}`)],
  ['MongoDB', () => emptyDatabase('reindex')],
])('what a stored SearchParameter defines is indexed anew too, on %s', async (_name, urlOf) => {
  const url = await urlOf();
  const store = await openStore(url, { now });
  await store.transaction(async (tx) => {
    await tx.put({
      resourceType: 'SearchParameter',
      id: 'nickname',
      url: 'http://x/nickname',
      name: 'Nickname',
      status: 'active',
      description: 'What a patient is called.',
      code: 'nickname',
      base: ['Patient'],
      type: 'string',
      expression: "Patient.name.where(use = 'nickname').given",
    });
    await tx.put({ resourceType: 'Patient', id: 'a', name: [{ use: 'nickname', given: ['Bo'] }] });
  });
  await store.close();
  expect(await reindex(config(url))).toBe(2);
  const { store: again, defined } = await openContext(config(url));
  await defined?.built;
  const query = parsePairs('Patient', [['nickname', 'bo']], { registry: again.registry });
  expect((await again.search(query)).matches.map(({ id }) => id)).toEqual(['a']);
  await again.close();
});
