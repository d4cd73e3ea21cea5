import { copyFileSync, rmSync } from 'node:fs';
import { readConfig, type Config } from '../config.ts';
import { openDefinitions } from '../openDefinitions.ts';
import { fileOf, openStore } from '../store/openStore.ts';
import { backupFile } from '../store/sqlite/copy/backup.ts';
import { damageOf, indexDifferences } from '../store/sqlite/copy/integrity.ts';
import type { Store } from '../store/store.ts';
import { auditFaults } from './verify/auditFaults.ts';
import { storeFaults, type StoreFaults } from './verify/readBooks.ts';

const now = (): string => new Date().toISOString();

/**
 * Looks through a whole store: whether it is damaged, whether its search index is what its resources say, and whether
 * its money adds up. It repairs nothing, and writes nothing into the store.
 */
export async function verify(config: Config): Promise<StoreFaults> {
  const file = fileOf(config.store);
  if (file === ':memory:')
    throw new Error('a store in memory ends with its process: there is nothing to verify');
  return file === undefined ? verifyMongodb(config) : verifyFile(file, config);
}

/** Reads a store of which a server may have the file: a copy of one moment of it, or a MongoDB store as it is. */
export async function onCopy<T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const file = fileOf(config.store);
  if (file === undefined) {
    const { openMongodb } = await import('../store/mongodb/connection/open.ts');
    const base = config.publicUrl ?? 'http://127.0.0.1:8080/fhir';
    const store = await openMongodb(config.store, { now, base, reading: true });
    return work(store).finally(() => store.close());
  }
  const copy = `${file}.verifying-audit`;
  const remove = (): void => {
    for (const end of ['', '-wal', '-shm', '.lock', '.part']) rmSync(`${copy}${end}`, { force: true });
  };
  remove();
  try {
    await backupFile(file, copy);
    const store = await openStore(`sqlite:${copy}`, { now, base: 'http://127.0.0.1:8080/fhir' });
    return await work(store).finally(() => store.close());
  } finally {
    remove();
  }
}

/** Works on a copy of one moment, so that a server may go on meanwhile, and a store of an earlier version stays as it is. */
async function verifyFile(file: string, config: Config): Promise<StoreFaults> {
  const [copy, anew] = [`${file}.verifying`, `${file}.verifying-index`];
  const remove = (): void => {
    for (const name of [copy, anew])
      for (const end of ['', '-wal', '-shm', '.lock', '.part']) rmSync(`${name}${end}`, { force: true });
  };
  remove();
  try {
    const damage = await backupFile(file, copy).then(
      () => damageOf(copy),
      (error: unknown) => {
        if (typeof error === 'object' && error !== null && 'errcode' in error)
          return ['message' in error ? String(error.message) : 'the file cannot be read'];
        throw error;
      },
    );
    if (damage.length > 0)
      return { resources: 0, entries: 0, faults: damage.map((text) => `damaged: ${text}`) };
    const found = await within(copy, config, wholeFaults);
    copyFileSync(copy, anew);
    await within(anew, config, (store) => store.reindex());
    return { ...found, faults: [...found.faults, ...indexDifferences(copy, anew)] };
  } finally {
    remove();
  }
}

/** The faults of the resources, the books and the audit. */
async function wholeFaults(store: Store): Promise<StoreFaults> {
  const found = await storeFaults(store, Date.parse(now()));
  const audit = await auditFaults(store);
  return { ...found, faults: [...found.faults, ...audit.faults] };
}

/** Opens a copy, its index complete, does something with it and closes it. */
async function within<T>(copy: string, config: Config, work: (store: Store) => Promise<T>): Promise<T> {
  const base = config.publicUrl ?? 'http://127.0.0.1:8080/fhir';
  const store = await openStore(`sqlite:${copy}`, { now, base });
  try {
    const { defined } = await openDefinitions(config, store, (error) => {
      throw error;
    });
    await defined.built;
    await store.buildIndex();
    return await work(store);
  } finally {
    await store.close();
  }
}

async function verifyMongodb(config: Config): Promise<StoreFaults> {
  const { openMongodb } = await import('../store/mongodb/connection/open.ts');
  const base = config.publicUrl ?? 'http://127.0.0.1:8080/fhir';
  const store = await openMongodb(config.store, { now, base, reading: true });
  try {
    const { unserved } = await openDefinitions(config, store, () => undefined);
    const found = await wholeFaults(store);
    const ofIndex: string[] = unserved.map(({ url }) => `the search parameter ${url} cannot be served`);
    for await (const text of store.indexFaults()) ofIndex.push(text);
    return { ...found, faults: [...found.faults, ...ofIndex] };
  } finally {
    await store.close();
  }
}

if (import.meta.main) {
  try {
    const { resources, entries, faults } = await verify(readConfig(process.env));
    for (const text of faults) process.stdout.write(`${text}\n`);
    const result =
      faults.length === 0 ? 'no fault' : `${faults.length} fault${faults.length === 1 ? '' : 's'}`;
    process.stdout.write(`Verified ${resources} resources and ${entries} journal entries: ${result}\n`);
    process.exitCode = faults.length === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
