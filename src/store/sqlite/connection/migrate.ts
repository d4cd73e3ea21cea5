import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Database } from './database.ts';

const folder = new URL('migration/', import.meta.url);

/** The migrations in order: migration/0001-first.sql has number 1. */
const migrations = readdirSync(folder)
  .filter((name) => /^\d{4}-.*\.sql$/.test(name))
  .sort()
  .map((name) => ({ no: Number(name.slice(0, 4)), name }));

/** The schema this version writes. */
export const newestSchema = migrations.at(-1)?.no ?? 0;

/** Brings the schema up to date, a migration and its number in one transaction; refuses one that is newer. */
export function migrate(database: Database): void {
  const at = Number(database.get('PRAGMA user_version')?.[0]);
  if (at > newestSchema)
    throw new Error(
      `this store was written by a newer version (schema ${at}); this version knows schema ${newestSchema}`,
    );
  for (const { no, name } of migrations.filter((migration) => migration.no > at)) {
    const sql = readFileSync(new URL(name, folder), 'utf8');
    database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${no}; COMMIT;`);
  }
  const secret = randomBytes(32).toString('base64url');
  database.run("INSERT OR IGNORE INTO setting (name, value) VALUES ('secret', ?)", secret);
}
