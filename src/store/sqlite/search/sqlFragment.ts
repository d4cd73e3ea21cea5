import type { SQLInputValue } from 'node:sqlite';

/** A piece of SQL with the values of its question marks. */
export interface SqlFragment {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

export const sqlFragment = (sql: string, ...values: SQLInputValue[]): SqlFragment => ({ sql, values });

/** Pieces one after the other, a text between them. */
export const glued = (pieces: readonly SqlFragment[], by: string): SqlFragment => ({
  sql: pieces.map(({ sql }) => sql).join(by),
  values: pieces.flatMap(({ values }) => values),
});

/** Terms of one bracket: SQLite refuses an expression that is deeper than 1,000. */
const termsMax = 200;

/** Pieces joined by AND or OR, in brackets where there are several; `whenNone` where there is none. */
export function join(pieces: readonly SqlFragment[], by: ' AND ' | ' OR ', whenNone: '0' | '1'): SqlFragment {
  const [only] = pieces;
  if (!only) return sqlFragment(whenNone);
  if (pieces.length === 1) return only;
  if (pieces.length > termsMax) {
    const size = Math.ceil(pieces.length / termsMax);
    const parts = Array.from({ length: Math.ceil(pieces.length / size) }, (_, i) =>
      join(pieces.slice(i * size, (i + 1) * size), by, whenNone),
    );
    return join(parts, by, whenNone);
  }
  const { sql, values } = glued(pieces, by);
  return { sql: `(${sql})`, values };
}
