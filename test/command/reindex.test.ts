import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { reindex } from '../../src/command/reindex.ts';
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
  expect(await reindex(`sqlite:${file}`)).toBe(2);
  expect(rows()).toEqual(before);
  expect(await reindex(`sqlite:${file}`)).toBe(2);
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
  await expect(reindex(`sqlite:${file}`)).rejects.toThrow(
    new RegExp(`in use by process ${process.pid}.*--to URL`),
  );
  await store.close();
});
