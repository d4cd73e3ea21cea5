import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Store } from '../store.ts';
import { groupCommit } from './groupCommit.ts';
import { lock } from './lock.ts';
import { migrate } from './migrate.ts';
import { reader } from './read.ts';
import { typesOf } from './rows.ts';
import { searchIndex } from './searchIndex.ts';
import { writer } from './write.ts';

/** Opens (or makes) a store in a SQLite file, or in memory with ':memory:'. Throws when another process owns it. */
export function openSqlite(file: string, { now }: { readonly now: () => string }): Store {
  const inMemory = file === ':memory:';
  if (!inMemory) mkdirSync(dirname(file), { recursive: true });
  const owned = inMemory ? undefined : lock(file);
  const database = new DatabaseSync(file);
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; ' +
        'PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000',
    );
    migrate(database);
  } catch (error) {
    database.close();
    owned?.release();
    throw error;
  }
  const types = typesOf(database);
  const index = searchIndex(database, types);
  const generations = new Map<ResourceType, number>();
  const asks = reader(database, { types, index, now, generations });
  const session = writer(database, { reader: asks, types, index, now, generations });
  const groups = groupCommit(database);
  const any = database.prepare('SELECT EXISTS (SELECT 1 FROM resource) AS found');
  return {
    ...asks,
    transaction: (work) => groups.run((open) => work(session(open))),
    empty: () => Promise.resolve((any.get() as { found: number }).found === 0),
    close: async () => {
      await groups.idle();
      database.close();
      owned?.release();
    },
  };
}
