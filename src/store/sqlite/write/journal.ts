import type { Entry } from '../../../datatypes/entry.ts';
import type { EntryPage } from '../../store.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

const entryOf = (text: unknown): Entry => JSON.parse(String(text)) as Entry;

/** Appends an entry with the moment it is entered. */
export function append(state: SqliteState, entry: Entry): void {
  const entered: Entry = { ...entry, enteredOn: new Date(state.now()).toISOString() };
  state.database.run(
    'INSERT INTO journal (account, entry) VALUES (?, ?)',
    entry.account,
    JSON.stringify(entered),
  );
}

/** The journal of one Account, in the order it was written. */
export const journal = ({ database }: SqliteState, account: string): Entry[] =>
  database
    .all('SELECT entry FROM journal WHERE account = ? ORDER BY seq', account)
    .map(([text]) => entryOf(text));

/** The whole journal in pages; `next` is there when there may be more. */
export function entries(
  { database }: SqliteState,
  { count, after = 0 }: { readonly count: number; readonly after?: number },
): EntryPage {
  const rows = database.all(
    'SELECT entry, seq FROM journal WHERE seq > ? ORDER BY seq LIMIT ?',
    after,
    count + 1,
  );
  const page = rows.slice(0, count);
  const last = page.at(-1)?.[1];
  const found = page.map(([text]) => entryOf(text));
  const orders = page.map(([, seq]) => Number(seq));
  return rows.length > count && last !== undefined
    ? { entries: found, orders, next: Number(last) }
    : { entries: found, orders };
}
