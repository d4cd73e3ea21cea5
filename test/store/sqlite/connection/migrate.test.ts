import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../../../src/search/parse.ts';
import { openStore } from '../../../../src/store/openStore.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const now = (): string => new Date().toISOString();
const span = 2 ** 32;

/** A store as schema 1 left it: a patient, a deleted one, and an observation that refers to the first. */
function schema1(file: string): void {
  const database = new DatabaseSync(file);
  const first = new URL('../../../../src/store/sqlite/connection/migration/0001-first.sql', import.meta.url);
  database.exec(`${readFileSync(first, 'utf8')}; PRAGMA user_version = 1;`);
  database.exec(`
    INSERT INTO type (no, name) VALUES (1, 'Patient'), (2, 'Observation');
    INSERT INTO setting (name, value) VALUES ('secret', 'sealed');
    INSERT INTO parameter (no, type, code, expression) VALUES
      (1, 'Patient', 'gender', 'Patient.gender'),
      (2, 'Observation', 'subject', 'Observation.subject'),
      (3, 'Observation', 'date', 'Observation.effective');
  `);
  const resource = database.prepare('INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?, ?)');
  const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  const meta = { versionId: '1', lastUpdated: '2025-01-01T00:00:00.000Z' };
  const at = Date.parse(meta.lastUpdated);
  const patient = { resourceType: 'Patient', id: 'a', meta, gender: 'female' };
  resource.run(span + 1, 1, 'a', 1, at, 0, json(patient));
  resource.run(span + 2, 1, 'b', 2, at + 1000, 2, new Uint8Array());
  database
    .prepare('INSERT INTO version VALUES (?, ?, ?, ?, ?)')
    .run(span + 2, 1, at, 1, json({ ...patient, id: 'b' }));
  const observation = {
    resourceType: 'Observation',
    id: 'o',
    meta,
    status: 'final',
    code: { text: 'pulse' },
    subject: { reference: 'Patient/a' },
    effectiveDateTime: '2024-05-05',
  };
  resource.run(2 * span + 1, 2, 'o', 1, at, 0, json(observation));
  database.prepare('INSERT INTO token VALUES (?, ?, ?, ?)').run(1, 'female', span + 1, -1);
  database.prepare('INSERT INTO reference VALUES (?, ?, ?, ?)').run(2, 1, 'a', 2 * span + 1);
  database.close();
}

test('a store of schema 1 is brought up to date: what it has is found, also by what was not indexed then', async () => {
  const file = join(folder, 'old.db');
  schema1(file);
  const store = await openStore(`sqlite:${file}`, { now });
  const ids = async (type: ResourceType, ...pairs: [string, string][]): Promise<string[]> =>
    (await store.search(parsePairs(type, pairs))).matches.map(({ id }) => id);
  expect(await ids('Patient', ['gender', 'female'])).toEqual(['a']);
  expect(await ids('Observation', ['subject', 'Patient/a'])).toEqual(['o']);
  expect((await store.referrers('Patient', 'a', 5)).references).toEqual(['Observation/o']);
  await expect(ids('Observation', ['date', '2024'])).rejects.toMatchObject({
    status: 400,
    issue: [{ details: { coding: [{ code: 'index-building' }] } }],
  });
  await store.buildIndex();
  expect(await store.building()).toEqual([]);
  expect(await ids('Observation', ['date', '2024'])).toEqual(['o']);
  expect(await ids('Observation', ['patient.gender', 'female'])).toEqual(['o']);
  const { versions } = await store.changes({ type: 'Patient', count: 10 });
  expect(versions.map(({ id, version, method }) => [id, version, method])).toEqual([
    ['b', 2, 'DELETE'],
    ['b', 1, 'PUT'],
    ['a', 1, 'POST'],
  ]);
  await store.close();
});

test('a store of schema 8 gets its marks anew, and a Provenance the practice among its agents', async () => {
  const file = join(folder, 'eight.db');
  const first = await openStore(`sqlite:${file}`, { now });
  const put = (resource: Resource & { id: string }): Promise<unknown> =>
    first.transaction((tx) => tx.put(resource));
  const member = { system: 'urn:member', value: '1', assigner: { reference: 'Organization/payer' } };
  await put({ resourceType: 'Patient', id: 'a', gender: 'female', identifier: [member] });
  for (const text of ['one', 'two'])
    await put({
      ...{ resourceType: 'Provenance', id: 'p', recorded: '2026-01-01T00:00:00Z', reason: [{ text }] },
      ...{ target: [{ reference: 'Patient/a' }], agent: [{ who: { reference: 'Organization/o' } }] },
    });
  await first.close();
  const database = new DatabaseSync(file);
  const tables = ['token', 'reference', 'date', 'string', 'quantity'];
  const rows = (): unknown => tables.map((table) => database.prepare(`SELECT * FROM ${table}`).all());
  const asWritten = rows();
  for (const table of tables) database.exec(`UPDATE ${table} SET mark = mark | 5`);
  for (const table of ['resource', 'version']) database.exec(`UPDATE ${table} SET members = ' Patient/a '`);
  expect(rows()).not.toEqual(asWritten);
  database.exec('PRAGMA user_version = 8');
  database.close();

  const store = await openStore(`sqlite:${file}`, { now });
  await store.buildIndex();
  const kept = (await store.read('Provenance', 'p'))?.members?.trim().split(' ').sort();
  expect(kept).toEqual(['Organization/o', 'Patient/a']);
  expect((await store.vread('Provenance', 'p', 1))?.members).toBeUndefined(); // told by its content
  await store.close();
  const after = new DatabaseSync(file, { readOnly: true });
  expect(tables.map((table) => after.prepare(`SELECT * FROM ${table}`).all())).toEqual(asWritten);
  after.close();
});
