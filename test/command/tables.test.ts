import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { tables } from '../../src/command/tables.ts';
import { readConfig } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'claimwright-tables-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const config = readConfig({ CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'store.db')}` });
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

test('8.7 the command loads files and lists what is loaded; a file that is not there or says nothing stops it', async () => {
  expect(await tables(config, [])).toEqual(['No coding table is loaded.']);
  const units = file('MCR_MUE_PractitionerServices_Eff_01-01-2026.csv', 'J1885,1,2 Date of Service Edit,x\n');
  expect(await tables(config, [units])).toEqual(['mue-practitioner 2026Q1: 1 rows loaded']);
  const listed = expect.stringMatching(/^mue-practitioner 2026Q1: 1 rows, 2026-01-01 to 2026-03-31, loaded /);
  expect(await tables(config, [])).toEqual([listed]);
  const unnamed = file('MUE_practitioner.csv', 'J1885,1,2 Date of Service Edit,x\n');
  await expect(tables(config, [unnamed])).rejects.toThrow('say which edition');
  await expect(tables(config, [join(folder, 'gone_MUE_Pract_Eff_01-01-2026.csv')])).rejects.toThrow('ENOENT');
  await expect(tables(config, ['--table', 'mue', units])).rejects.toThrow('no such table');
  await expect(tables(config, ['--edition'])).rejects.toThrow('npm run tables');
  await expect(tables(config, ['--remove', 'add-on', '2026'])).rejects.toThrow('is not loaded');
  expect(await tables(config, [])).toEqual([listed]);
});
