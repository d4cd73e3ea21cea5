import { badRequest } from '../../outcome/fhirError.ts';
import type { Records } from '../../store/store.ts';
import { editionOf, editionOfFile, type NamedEdition } from '../../terminology/table/editionName.ts';
import type { TableRow } from '../../terminology/table/layout.ts';
import {
  isTableName,
  layoutOf,
  tableNames,
  tableOfFile,
  type TableName,
} from '../../terminology/table/tables.ts';
import { changeList, readList, rowsKind, rowsPrefix, type LoadedTable } from './loadedTables.ts';
import { recordsOf } from './tableRecords.ts';
import { filesOf, type FileIn } from './unzip.ts';

/** What is said of the files beside their names, which CMS gives by table and edition. */
export interface LoadOptions {
  readonly table?: string | undefined;
  readonly edition?: string | undefined;
  /** Of an edition in several files that are loaded one by one: which of them this is. */
  readonly part?: string | undefined;
}

export interface LoadDependencies {
  readonly records: Records;
  readonly now: () => string;
  readonly newId: () => string;
}

/** What was loaded, and what in the files was passed over. */
export interface LoadReport {
  readonly loaded: readonly LoadedTable[];
  readonly passedOver: readonly string[]; // files that hold none of the tables
  readonly faults: readonly string[]; // records that could not be read: the first of each file, and how many
}

const rowsAtOnce = 1000;
const abandonedAfter = 600_000; // milliseconds without a sign of life of a load
export const readersGone = 5000; // milliseconds after which nobody reads rows of a table that was replaced
const signEvery = 50; // batches

/** A table on its way into the store; nobody sees its rows before all are there. */
class Load {
  readonly #deps: LoadDependencies;
  readonly id: string;
  readonly table: TableName;
  readonly edition: NamedEdition;
  readonly files: string[] = [];
  #batch = new Map<string, string[]>();
  #inBatch = 0;
  #batches = 0;
  rows = 0;

  constructor(deps: LoadDependencies, table: TableName, edition: NamedEdition) {
    this.#deps = deps;
    this.id = deps.newId();
    this.table = table;
    this.edition = edition;
  }

  /** Says that the load is under way, so that its rows are not taken for those of one that was abandoned. */
  async sign(): Promise<void> {
    const at = this.#deps.now();
    const { id } = this;
    await changeList(this.#deps.records, (list) => ({
      ...list,
      loading: [...list.loading.filter((one) => one.id !== id), { id, at }],
    }));
  }

  async add({ key, value }: TableRow): Promise<void> {
    const values = this.#batch.get(key);
    if (values) values.push(JSON.stringify(value));
    else this.#batch.set(key, [JSON.stringify(value)]);
    this.rows += 1;
    this.#inBatch += 1;
    if (this.#inBatch >= rowsAtOnce) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#inBatch === 0) return;
    const batch = [...this.#batch].map(([key, values]) => ({ key, value: `[${values.join(',')}]` }));
    this.#batch = new Map();
    this.#inBatch = 0;
    await this.#deps.records.gather(rowsKind(this.id), batch);
    this.#batches += 1;
    if (this.#batches % signEvery === 0) await this.sign();
  }
}

/**
 * Loads the tables of some files, each whole or not at all: their rows are kept beside those of the edition they
 * replace, and one write puts all of them in its place.
 */
export async function loadTables(
  deps: LoadDependencies,
  files: AsyncIterable<FileIn> | Iterable<FileIn>,
  options: LoadOptions = {},
): Promise<LoadReport> {
  await removeLeftOver(deps);
  const said = saidOf(options);
  const loads = new Map<string, Load>();
  const passedOver: string[] = [];
  const faults: string[] = [];
  try {
    for await (const file of files) {
      for await (const inner of filesOf(file)) {
        const of = placeOf(inner.name, file.name, said);
        if (!of) {
          passedOver.push(inner.name);
          continue;
        }
        const key = `${of.table} ${of.edition.name}`;
        const load = loads.get(key) ?? new Load(deps, of.table, of.edition);
        if (!loads.has(key)) await load.sign();
        loads.set(key, load);
        const before = load.rows;
        faults.push(...(await readFile(inner, load)));
        (load.rows > before ? load.files : passedOver).push(inner.name);
      }
    }
    const filled = [...loads.values()].filter(({ rows }) => rows > 0);
    if (filled.length === 0) throw nothingFound(passedOver);
    const loaded = filled.map((load) => loadedOf(load, deps.now(), options.part));
    await publish(deps, loaded, [...loads.values()]);
    return { loaded, passedOver, faults };
  } catch (error) {
    await giveUp(deps.records, [...loads.values()]).catch(() => undefined); // removed by the next load, then
    throw error;
  }
}

interface Said {
  readonly table: TableName | undefined;
  readonly edition: NamedEdition | undefined;
}

function saidOf({ table, edition }: LoadOptions): Said {
  if (table !== undefined && !isTableName(table))
    throw badRequest('unknown-table', `there is no such table: there are ${tableNames.join(', ')}`);
  const named = edition === undefined ? undefined : editionOf(edition);
  if (edition !== undefined && !named)
    throw badRequest(
      'unknown-edition',
      'an edition is a quarter (2026Q1), a year (2026), a fiscal year (FY2026) or the day it begins (2026-04-01)',
    );
  return { table, edition: named };
}

const isText = (name: string): boolean =>
  /\.(csv|txt|tsv|tab|xml)$/i.test(name) || !/\.[a-z0-9]{1,5}$/i.test(name);

/** Which table and edition a file holds; undefined for one that is passed over. */
function placeOf(
  name: string,
  outer: string,
  said: Said,
): { readonly table: TableName; readonly edition: NamedEdition } | undefined {
  if (name === '[Content_Types].xml')
    throw badRequest('table-spreadsheet', 'a spreadsheet is not read: save it as CSV');
  if (name.endsWith('/') || !isText(name)) return undefined;
  const base = name.slice(name.lastIndexOf('/') + 1);
  const known = tableOfFile(base);
  const isInside = name !== outer;
  if (said.table !== undefined && known !== undefined && known !== said.table) {
    if (isInside) return undefined;
    throw badRequest('other-table', `by its name the file holds ${known}, not ${said.table}`);
  }
  const table = said.table ?? known ?? (isInside ? undefined : tableOfFile(outer));
  if (!table) {
    if (isInside) return undefined;
    throw badRequest('unknown-table', `say which table the file holds: ${tableNames.join(', ')}`);
  }
  const edition = said.edition ?? editionOfFile(base) ?? editionOfFile(outer);
  if (!edition) throw badRequest('unknown-edition', 'say which edition the file holds, for example 2026Q1');
  return { table, edition };
}

/** Reads a file into its table; answers what in it could not be read. */
async function readFile({ name, bytes }: FileIn, load: Load): Promise<string[]> {
  const layout = layoutOf(load.table);
  const read = layout.reader();
  let [count, first] = [0, ''];
  for await (const records of recordsOf(bytes, layout)) {
    for (const { no, cells } of records) {
      const rows = read(cells);
      if (typeof rows === 'string') {
        if (count === 0) first = `${name}, line ${no} ${rows}`;
        count += 1;
      } else for (const row of rows) await load.add(row);
    }
  }
  await load.flush();
  if (count > 0 && count >= load.rows)
    throw badRequest('table-damaged', `most of the file cannot be read: ${first}`);
  return count === 0 ? [] : [`${first}; ${count} such records were left out`];
}

const nothingFound = (passedOver: readonly string[]): Error =>
  badRequest(
    'table-empty',
    `no row of a table was found${passedOver.length > 0 ? ` in ${passedOver.slice(0, 5).join(', ')}` : ''}`,
  );

const loadedOf = (
  { id, table, edition: { name, from, through }, rows, files }: Load,
  at: string,
  part: string | undefined,
): LoadedTable => ({
  ...{ id, table, edition: name, from, rows, loaded: at, files },
  ...(through === undefined ? {} : { through }),
  ...(part === undefined ? {} : { part }),
});

/** Whether a table takes the place of another: the same edition, of parts the same one, or either is the whole. */
const replaces = (one: LoadedTable, other: LoadedTable): boolean =>
  one.table === other.table &&
  one.edition === other.edition &&
  (one.part === other.part || one.part === undefined || other.part === undefined);

async function publish(
  { records, now }: LoadDependencies,
  loaded: readonly LoadedTable[],
  loads: readonly Load[],
): Promise<void> {
  const ids = new Set(loads.map(({ id }) => id));
  const isReplaced = (old: LoadedTable): boolean => loaded.some((one) => replaces(one, old));
  await changeList(records, (list) => ({
    loaded: [...list.loaded.filter((old) => !isReplaced(old)), ...loaded],
    loading: list.loading.filter(({ id }) => !ids.has(id)),
    retired: [...list.retired, ...list.loaded.filter(isReplaced).map(({ id }) => ({ id, at: now() }))],
  }));
}

async function giveUp(records: Records, loads: readonly Load[]): Promise<void> {
  const ids = new Set(loads.map(({ id }) => id));
  for (const id of ids) await removeRows(records, id);
  await changeList(records, (list) => ({
    ...list,
    loading: list.loading.filter(({ id }) => !ids.has(id)),
  }));
}

async function removeRows(records: Records, id: string): Promise<void> {
  while ((await records.removeSome(rowsKind(id), 5000)) > 0);
}

/** Takes an edition of a table out; false where there is none. */
export async function removeTable(
  { records, now }: LoadDependencies,
  table: string,
  edition: string,
): Promise<boolean> {
  const isMeant = (one: LoadedTable): boolean => one.table === table && one.edition === edition;
  const wasThere = (await readList(records)).loaded.some(isMeant);
  await changeList(records, (list) => ({
    ...list,
    loaded: list.loaded.filter((one) => !isMeant(one)),
    retired: [...list.retired, ...list.loaded.filter(isMeant).map(({ id }) => ({ id, at: now() }))],
  }));
  return wasThere;
}

/** Removes the rows of tables that were replaced and of loads that a crash ended. */
export async function removeLeftOver({ records, now }: LoadDependencies): Promise<void> {
  const at = Date.parse(now());
  const kinds = await records.kinds(rowsPrefix); // before the list: a load is in it before it has rows
  const list = await readList(records);
  const isOver = (one: { readonly at: string }, after: number): boolean =>
    Math.abs(at - Date.parse(one.at)) >= after;
  const kept = new Set([
    ...list.loaded.map(({ id }) => id),
    ...list.loading.filter((one) => !isOver(one, abandonedAfter)).map(({ id }) => id),
    ...list.retired.filter((one) => !isOver(one, readersGone)).map(({ id }) => id),
  ]);
  for (const kind of kinds) {
    const id = kind.slice(rowsPrefix.length);
    if (!kept.has(id)) await removeRows(records, id);
  }
  const isGone = ({ id }: { readonly id: string }): boolean => !kept.has(id);
  const gone = new Set([...list.loading, ...list.retired].filter(isGone).map(({ id }) => id));
  if (gone.size === 0) return;
  await changeList(records, ({ loaded, loading, retired }) => ({
    loaded,
    loading: loading.filter(({ id }) => !gone.has(id)),
    retired: retired.filter(({ id }) => !gone.has(id)),
  }));
}
