import { readdirSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import { inTransaction } from './groupCommit.ts';

const folder = new URL('migration/', import.meta.url);

/** Brings the schema to this program's; a store written by a newer one is refused. */
export function migrate(database: DatabaseSync): void {
  const steps = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const { user_version: done } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (done > steps.length) {
    throw new Error(
      `the store was written by a newer Claimwright (schema ${done}, this one knows ${steps.length}); ` +
        'start the newer one, or restore a backup made before',
    );
  }
  for (const [i, name] of steps.entries()) {
    if (i < done) continue;
    inTransaction(database, () => {
      database.exec(readFileSync(new URL(name, folder), 'utf8'));
      database.exec(`PRAGMA user_version = ${i + 1}`);
    });
  }
  inTransaction(database, () => {
    const insert = database.prepare('INSERT OR IGNORE INTO resource_type (name) VALUES (?)');
    for (const name of resourceTypes) insert.run(name);
  });
}
