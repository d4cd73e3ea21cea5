import type { SqliteState } from '../connection/sqliteState.ts';

/** Texts beyond which they are one range of the index. */
const spellingsMax = 8;

/**
 * The texts of a parameter that begin with a text, where they are a few: the rows of each are in order of rid, those
 * of a range are not. Undefined where there are more.
 */
export function spellings({ database }: SqliteState, no: number, [from, to]: readonly [string, string]) {
  const next = 'SELECT min(folded) FROM string INDEXED BY string_folded WHERE parameter = ? AND folded';
  const rows = database.all(
    `WITH RECURSIVE found (text) AS (${next} >= ? AND folded < ? UNION ALL ` +
      `SELECT (${next} > found.text AND folded < ?) FROM found WHERE found.text IS NOT NULL) ` +
      `SELECT text FROM found WHERE text IS NOT NULL LIMIT ${spellingsMax + 1}`,
    ...[no, from, to, no, to],
  );
  return rows.length > spellingsMax ? undefined : rows.map(([text]) => String(text));
}
