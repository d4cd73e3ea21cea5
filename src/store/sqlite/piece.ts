import type { SQLInputValue } from 'node:sqlite';

/** A piece of SQL with the values of its question marks. */
export interface Piece {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

export const piece = (sql: string, ...values: SQLInputValue[]): Piece => ({ sql, values });

/** Pieces joined by AND or OR, in brackets where there are several; `whenNone` where there is none. */
export const join = (pieces: readonly Piece[], by: ' AND ' | ' OR ', whenNone: '0' | '1'): Piece =>
  pieces.length === 0
    ? piece(whenNone)
    : {
        sql: pieces.length === 1 ? (pieces[0]?.sql ?? '') : `(${pieces.map((p) => p.sql).join(by)})`,
        values: pieces.flatMap((p) => p.values),
      };
