import type { Records } from '../../record.ts';
import { Database } from '../connection/database.ts';
import { newestSchema } from '../connection/migrate.ts';
import { sqliteRecords, type Kept } from './records.ts';

/**
 * The records of a store that a server owns: they may be changed beside it, for no server remembers them longer than a
 * second. Nothing else of the store is touched.
 */
export function recordsBeside(
  file: string,
  now: () => string,
): { readonly records: Records; readonly close: () => Promise<void> } {
  const database = new Database(file);
  const schema = Number(database.get('PRAGMA user_version')?.[0]);
  if (schema !== newestSchema) {
    database.close();
    throw new Error('the server that uses this store is of another version: stop it first');
  }
  database.exec('PRAGMA synchronous = FULL');
  const kept: Kept = { database, now: () => Date.parse(now()) };
  const ask = <T>(question: (of: Kept) => T): Promise<T> => Promise.resolve().then(() => question(kept));
  const inTransaction = <T>(work: (of: Kept) => T): T => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const value = work(kept);
      database.exec('COMMIT');
      return value;
    } catch (error) {
      if (database.connection.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };
  const write = <T>(work: (of: Kept) => T): Promise<T> => Promise.resolve().then(() => inTransaction(work));
  return {
    records: sqliteRecords(ask, write),
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}
