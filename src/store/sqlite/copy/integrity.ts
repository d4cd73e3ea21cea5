import { DatabaseSync } from 'node:sqlite';

/** What SQLite finds damaged in a file: pages, indexes, rows. */
export function damageOf(file: string): string[] {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    const found = database
      .prepare('PRAGMA integrity_check')
      .all()
      .map((row) => String(Object.values(row)[0]));
    return found[0] === 'ok' ? [] : found;
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    database?.close();
  }
}

const indexTables = ['token', 'reference', 'date', 'string', 'quantity'] as const;
/** References that are named of one table. */
const namedMost = 10;

/** The resources whose rows of the search index are not those of a store whose index was made anew. */
export function indexDifferences(file: string, anew: string): string[] {
  const database = new DatabaseSync(file);
  try {
    database.prepare('ATTACH ? AS anew').run(anew);
    return indexTables.flatMap((table) => {
      const rows = (of: string, other: string): string =>
        `SELECT rid FROM (SELECT * FROM ${of}.${table} EXCEPT SELECT * FROM ${other}.${table})`;
      const different = `SELECT DISTINCT rid FROM (${rows('main', 'anew')} UNION ALL ${rows('anew', 'main')})`;
      const [count] = Object.values(database.prepare(`SELECT count(*) FROM (${different})`).get() ?? {});
      if (Number(count) === 0) return [];
      const names = database
        .prepare(
          `SELECT type.name || '/' || resource.id FROM (${different}) AS d JOIN resource ON resource.rid = d.rid ` +
            `JOIN type ON type.no = resource.type LIMIT ${namedMost}`,
        )
        .all()
        .map((row) => String(Object.values(row)[0]));
      const text = names.length < Number(count) ? `${names.join(', ')} and others` : names.join(', ');
      return [
        `the index of ${table} differs from what ${String(count)} resources say: ${text} (npm run reindex)`,
      ];
    });
  } finally {
    database.close();
  }
}
