import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore } from '../../src/store/openStore.ts';
import { testContext } from '../context.ts';
import { put } from '../contract/caseTable.ts';
import { runCommand } from '../firm/runCommand.ts';
import { AsAccount } from '../smart/asAccount.ts';
import { chartOf, directory } from '../smart/practices.ts';

/** `npm run audit -- verify` on a store whose file somebody wrote into, past the server and its triggers. */
let folder = '';
let file = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-'));
  file = join(folder, 'claimwright.db');
  const now = (): string => new Date().toISOString();
  const context = await testContext({ store: await openStore(`sqlite:${file}`, { now }), now });
  await put(context.store, ...directory(['alder']), ...chartOf('ann', 'alder'));
  const server = new AsAccount(context);
  const practices = ['alder'];
  const users = ['Practitioner/dr-alder'];
  await server.is({ name: 'biller', kind: 'user', roles: ['biller'], users, practices });
  for (let i = 0; i < 5; i++) await server.ask('biller', 'get', 'Patient/ann').expect(200);
  await context.store.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Writes into the records, asks for the audit, and puts everything back. */
async function afterChange(change: (lines: string) => string) {
  const database = new DatabaseSync(file);
  const triggers = database.prepare(`SELECT name, sql FROM sqlite_master WHERE name LIKE 'audit_is_%'`).all();
  const rows = database.prepare('SELECT chain, seq, lines FROM audit ORDER BY chain, seq').all();
  const [row] = rows;
  if (
    typeof row?.['chain'] !== 'string' ||
    typeof row['seq'] !== 'number' ||
    typeof row['lines'] !== 'string'
  )
    throw new Error('there are records');
  const { chain, seq, lines } = { chain: row['chain'], seq: row['seq'], lines: row['lines'] };
  for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`);
  const write = database.prepare('UPDATE audit SET lines = ? WHERE chain = ? AND seq = ?');
  expect(change(lines)).not.toBe(lines);
  write.run(change(lines), chain, seq);
  const ran = await runCommand('audit', ['verify'], `sqlite:${file}`);
  write.run(lines, chain, seq);
  for (const { sql } of triggers) database.exec(String(sql));
  database.close();
  return ran;
}

test('D.5 an audit that nobody touched verifies', async () => {
  const { code, said } = await runCommand('audit', ['verify'], `sqlite:${file}`);
  expect(said).toMatch(/no fault\n$/);
  expect(code).toBe(0);
});

test.each<readonly [string, (lines: string) => string]>([
  ['one byte of what was recorded', (lines) => lines.replace('biller', 'killer')],
  ['one byte of a hash', (lines) => (lines.startsWith('A') ? 'B' : 'A') + lines.slice(1)],
  ['a record left out', (lines) => lines.split('\n').slice(1).join('\n')],
  ['a record twice', (lines) => `${lines.split('\n')[0] ?? ''}\n${lines}`],
])('D.5 it does not after %s', async (_, change) => {
  const { code, said } = await afterChange(change);
  expect(said).toMatch(/\d+ faults?\n$/);
  expect(code).toBe(1);
});

test('D.5 neighbour: without the server the records are not changed either', () => {
  const database = new DatabaseSync(file);
  expect(() => {
    database.exec(`UPDATE audit SET lines = ''`);
  }).toThrow('append-only');
  expect(() => {
    database.exec('DELETE FROM audit');
  }).toThrow('append-only');
  database.close();
});
