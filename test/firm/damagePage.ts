import { closeSync, openSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** Overwrites the first page of a table or an index in a store's file that nobody has open, as a bad sector would. */
export function damagePage(file: string, table: string): void {
  const database = new DatabaseSync(file);
  const { rootpage } = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table) ?? {};
  const { page_size: size } = database.prepare('PRAGMA page_size').get() ?? {};
  database.close();
  const descriptor = openSync(file, 'r+');
  writeSync(
    descriptor,
    Buffer.alloc(Number(size), 0xa5),
    0,
    Number(size),
    (Number(rootpage) - 1) * Number(size),
  );
  closeSync(descriptor);
}
