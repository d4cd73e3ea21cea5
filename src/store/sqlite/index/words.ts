import type { ResourceType } from '@medplum/fhirtypes';
import { contentText, narrativeText, wordsOf } from '../../../search/fullText.ts';
import type { SearchQuery } from '../../../search/query.ts';
import { resourceOf } from '../../version.ts';
import { typesWithWords } from '../search/criteria.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

/** Resources whose words are indexed in one piece of work. */
const batch = 200;

/** The types of a query whose resources are searched for words, and whose words are not all in the index yet. */
export const typesDue = (state: SqliteState, query: SearchQuery): ResourceType[] =>
  typesWithWords(query).filter((type) => state.wordsOf.get(type) !== state.generation(type));

/** Indexes the words of all that is due for a query: what was written since they were asked for last. */
export function fillWords(state: SqliteState, query: SearchQuery): void {
  for (const type of typesDue(state, query)) while (fillSome(state, type));
}

/** Indexes the words of the next resources of a type; false when nothing more is due. */
export function fillSome(state: SqliteState, type: ResourceType): boolean {
  // inside a transaction the words may be rolled back, so they stay due
  if (state.database.connection.isTransaction) return fill(state, type);
  const isMore = inTransaction(state, () => fill(state, type));
  if (!isMore) state.wordsOf.set(type, state.generation(type));
  return isMore;
}

function inTransaction<T>({ database }: SqliteState, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const made = work();
    database.exec('COMMIT');
    return made;
  } catch (error) {
    if (database.connection.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** One batch, by the time of the last write; those of one moment go together. */
function fill(state: SqliteState, type: ResourceType): boolean {
  const { database, names } = state;
  const no = names.type(type);
  const [since] = database.get('SELECT updated FROM word_state WHERE type = ?', no) ?? [];
  const sql = 'SELECT rid, updated, method, json FROM resource INDEXED BY resource_updated WHERE type = ?';
  const page = database.all(
    `${sql} AND updated >= ? ORDER BY updated LIMIT ${batch}`,
    no,
    Number(since ?? 0),
  );
  const last = Number(page.at(-1)?.[1] ?? since ?? 0);
  // more may be written at the present moment, so it is read again the next time
  const isMore = page.length === batch && last < Date.parse(state.stamp());
  const rest = page.length === batch ? database.all(`${sql} AND updated = ?`, no, last) : [];
  const rows = new Map([...page, ...rest].map(([rid, , method, json]) => [Number(rid), { method, json }]));
  for (const [rid, { method, json }] of rows) {
    database.run('DELETE FROM word WHERE rowid = ?', rid);
    if (method === 2) continue;
    const resource = resourceOf({ json: json as Uint8Array });
    const [narrative, content] = [narrativeText(resource), contentText(resource)].map((text) =>
      wordsOf(text).join(' '),
    );
    database.run(
      'INSERT INTO word (rowid, narrative, content) VALUES (?, ?, ?)',
      rid,
      narrative ?? '',
      content ?? '',
    );
  }
  const next = isMore ? last + 1 : last;
  database.run('INSERT OR REPLACE INTO word_state (type, updated) VALUES (?, ?)', no, next);
  return isMore;
}
