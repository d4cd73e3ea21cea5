import type { HistoryPage, HistoryQuery, Reader, Stored } from '../store.ts';
import type { Judge } from './judge.ts';

/** Versions looked through at a time. */
const atOnce = 200;

/**
 * A page of the history of a type or of all that holds what is visible. Versions are looked through in pages of the
 * store; that there is a next page is said only where there is one more visible version.
 */
export async function visibleChanges(
  reader: Reader,
  judge: Judge,
  query: HistoryQuery,
): Promise<HistoryPage> {
  if (query.count < 1) return { versions: [] };
  const versions: Stored[] = [];
  let last: { readonly cursor: string | undefined; readonly at: number } | undefined;
  for (let { cursor } = query; ;) {
    const asked = { ...query, count: atOnce };
    const page = await reader.changes(cursor === undefined ? asked : { ...asked, cursor });
    for (const [i, version] of page.versions.entries()) {
      if (!(await judge.sees(reader, version))) continue;
      if (versions.length === query.count && last)
        return withNext(versions, await cursorBehind(reader, query, last));
      versions.push(judge.shown(version));
      last = { cursor, at: i };
    }
    if (page.next === undefined) return { versions };
    cursor = page.next;
  }
}

const withNext = (versions: readonly Stored[], next: string | undefined): HistoryPage =>
  next === undefined ? { versions } : { versions, next };

/** The cursor behind the last version of a page. */
async function cursorBehind(
  reader: Reader,
  query: HistoryQuery,
  { cursor, at }: { readonly cursor: string | undefined; readonly at: number },
): Promise<string | undefined> {
  const { cursor: _first, ...rest } = query;
  const page = await reader.changes({ ...rest, count: at + 1, ...(cursor === undefined ? {} : { cursor }) });
  return page.next;
}
