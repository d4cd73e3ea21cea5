import { randomUUIDv7 } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError, readConfig, type Config } from '../config.ts';
import { readList } from '../operation/table/loadedTables.ts';
import {
  loadTables,
  readersGone,
  removeLeftOver,
  removeTable,
  type LoadDependencies,
  type LoadOptions,
} from '../operation/table/loadTables.ts';
import type { FileIn } from '../operation/table/unzip.ts';
import { FhirError } from '../outcome/fhirError.ts';
import { openRecords } from '../store/openStore.ts';
import { layoutOf, tableNames } from '../terminology/table/tables.ts';

const usage = `npm run tables                          lists the coding tables that are loaded
npm run tables -- FILE…                 loads the files (text, CSV, ZIP) as CMS publishes them
npm run tables -- --table T --edition E FILE…   where their names do not say which table and edition they hold
npm run tables -- --remove T E          takes an edition of a table out
An edition is a quarter (2026Q1), a year (2026), a fiscal year (FY2026) or the day it begins (2026-04-01).
Tables: ${tableNames.map((name) => `${name} (${layoutOf(name).title})`).join(', ')}`;

class UsageError extends Error {}

/** What the command is asked: files to load, an edition to remove, or neither. */
interface Asked extends LoadOptions {
  readonly files: readonly string[];
  readonly remove?: readonly [string, string];
}

function askedOf(words: readonly string[]): Asked {
  const files: string[] = [];
  const said: { table?: string; edition?: string; remove?: readonly [string, string] } = {};
  for (let i = 0; i < words.length; i++) {
    const [word = '', next, last] = words.slice(i, i + 3);
    if (!word.startsWith('--')) files.push(word);
    else if ((word === '--table' || word === '--edition') && next !== undefined) {
      said[word === '--table' ? 'table' : 'edition'] = next;
      i += 1;
    } else if (word === '--remove' && next !== undefined && last !== undefined) {
      said.remove = [next, last];
      i += 2;
    } else throw new UsageError(usage);
  }
  if (said.remove && files.length > 0) throw new UsageError(usage);
  return { ...said, files };
}

/** Lists, loads or removes coding tables, also of a store that a server uses; answers the lines that it prints. */
export async function tables(config: Config, words: readonly string[]): Promise<readonly string[]> {
  const { files, remove, ...options } = askedOf(words);
  const now = (): string => new Date().toISOString();
  const base = config.publicUrl ?? `http://${config.host}:${config.port}/fhir`;
  const { records, close } = await openRecords(config.store, { now, base });
  const deps: LoadDependencies = { records, now, newId: () => randomUUIDv7() };
  try {
    if (remove) return await removed(deps, remove);
    if (files.length === 0) return await listed(deps);
    const { loaded, passedOver, faults } = await loadTables(deps, files.map(fileOf), options);
    await cleared(deps);
    return [
      ...loaded.map(({ table, edition, rows }) => `${table} ${edition}: ${rows} rows loaded`),
      ...faults,
      ...passedOver.map((name) => `${name}: passed over, it holds none of the tables`),
    ];
  } finally {
    await close();
  }
}

const fileOf = (path: string): FileIn => ({ name: basename(path), bytes: bytesOf(path) });

/** The file is opened when it is read, so that one that nobody reads needs no closing. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
}

async function removed(
  deps: LoadDependencies,
  [table, edition]: readonly [string, string],
): Promise<string[]> {
  if (!(await removeTable(deps, table, edition)))
    throw new UsageError(`${table} ${edition} is not loaded; npm run tables lists what is`);
  await cleared(deps);
  return [`${table} ${edition} is taken out`];
}

/** Removes the rows of what was replaced, once no server reads them any more. */
async function cleared(deps: LoadDependencies): Promise<void> {
  if ((await readList(deps.records)).retired.length === 0) return;
  await pause(readersGone);
  await removeLeftOver(deps);
}

async function listed({ records }: LoadDependencies): Promise<string[]> {
  const { loaded } = await readList(records);
  if (loaded.length === 0) return ['No coding table is loaded.'];
  return loaded
    .map(({ table, edition, part, from, through, rows, loaded: at }) => {
      const days = through === undefined ? `from ${from}` : `${from} to ${through}`;
      return `${table} ${edition}${part === undefined ? '' : ` (${part})`}: ${rows} rows, ${days}, loaded ${at}`;
    })
    .sort();
}

if (import.meta.main) {
  try {
    const lines = await tables(readConfig(process.env), process.argv.slice(2));
    process.stdout.write(`${lines.join('\n')}\n`);
  } catch (error) {
    process.stderr.write(`${textOf(error)}\n`);
    process.exitCode = 1;
  }
}

/** What went wrong, in words: all of it for a fault that nobody foresaw. */
function textOf(error: unknown): string {
  if (error instanceof FhirError) return error.issue[0]?.details?.text ?? error.message;
  if (error instanceof UsageError || error instanceof ConfigError) return error.message;
  const isOfFile = error instanceof Error && 'code' in error && 'path' in error;
  return error instanceof Error ? (isOfFile ? error.message : (error.stack ?? error.message)) : String(error);
}
