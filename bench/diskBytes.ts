import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFoldersAt } from './processorTime.ts';

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/**
 * What a store takes on disk: for SQLite the file and its write-ahead log, for MongoDB the data and index files of all
 * its mongods (everything they hold, without their journal).
 */
export function diskBytes(store: string): number {
  const file = /^sqlite:(.+)$/.exec(store)?.[1];
  if (file !== undefined) return sizeOf(file) + sizeOf(`${file}-wal`);
  return dataFoldersAt(store)
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.wt') && !name.startsWith('journal'))
        .map((name) => sizeOf(join(folder, name))),
    )
    .reduce((sum, size) => sum + size, 0);
}
