import { asServer } from '../../store/access/asServer.ts';
import type { Reader, RecordKey, Records } from '../../store/store.ts';
import type { TableName } from '../../terminology/table/tables.ts';

/** A coding table as it is loaded: which edition, and under which generation its rows are kept. */
export interface LoadedTable {
  readonly id: string; // of its generation
  readonly table: TableName;
  readonly edition: string;
  readonly from: string; // FHIR date
  readonly through?: string;
  readonly part?: string; // of an edition that comes in several files, loaded one by one
  readonly rows: number;
  readonly loaded: string; // instant
  readonly files: readonly string[];
}

/** What of coding tables a store has: those in force, those being loaded, and those replaced whose rows are still there. */
export interface TableList {
  readonly loaded: readonly LoadedTable[];
  readonly loading: readonly { readonly id: string; readonly at: string }[];
  readonly retired: readonly { readonly id: string; readonly at: string }[];
}

/** The kind of the records that hold the rows of a generation. */
export const rowsPrefix = 'coding-table|';
export const rowsKind = (id: string): string => rowsPrefix + id;

const listKey: RecordKey = { kind: 'coding-tables', key: 'list' };
const none: TableList = { loaded: [], loading: [], retired: [] };

const listOf = (text: string | undefined): TableList =>
  text === undefined ? none : (JSON.parse(text) as TableList);

export const readList = async (records: Records): Promise<TableList> =>
  listOf((await records.find(listKey.kind, listKey.key))?.value);

/** Changes the list, whoever else does so at once. */
export async function changeList(records: Records, change: (list: TableList) => TableList): Promise<void> {
  for (;;) {
    const found = await records.find(listKey.kind, listKey.key);
    const value = JSON.stringify(change(listOf(found?.value)));
    if (
      found
        ? await records.replace({ ...listKey, value }, found.value)
        : await records.add({ ...listKey, value })
    )
      return;
  }
}

const rememberedFor = 1000; // milliseconds: a table may be loaded by another process

interface Memory {
  readonly at: number; // milliseconds of the clock that never goes back
  readonly loaded: readonly LoadedTable[];
}
const memories = new WeakMap<object, Memory>();

/** The tables in force, read at most once a second of a store (`of`), whoever asks. */
export async function loadedTables(reader: Reader, of: Reader): Promise<readonly LoadedTable[]> {
  const owner = asServer(of);
  const now = performance.now();
  const known = memories.get(owner);
  if (known && now - known.at < rememberedFor) return known.loaded;
  const [found] = await reader.gathered([listKey]);
  const { loaded } = listOf(found?.value);
  memories.set(owner, { at: now, loaded });
  return loaded;
}

/** What was remembered of a store holds no more: a table was loaded into it here. */
export const forgetTables = (of: Reader): void => void memories.delete(asServer(of));
