import type { SqlFragment } from '../search/sqlFragment.ts';
import { LRUCache } from 'lru-cache';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

declare module 'node:sqlite' {
  interface StatementSync {
    close(): void; // Node has it, its types do not yet
  }
}

export type Row = readonly SQLOutputValue[];

/** Statements that are kept. */
const preparedMax = 500;

/** One connection with its prepared statements; rows come as arrays, in the order of the columns asked for. */
export class Database {
  readonly connection: DatabaseSync;
  /**
   * Statements by their text. The least recently used is closed when there are too many: their memory lies outside of
   * the JavaScript heap, so that garbage collection does not account for it.
   */
  readonly #prepared = new LRUCache<string, StatementSync>({
    max: preparedMax,
    dispose: (statement) => {
      statement.close();
    },
  });
  readonly #writes = new Map<string, StatementSync>();

  #recorded: SqlFragment[] | undefined;

  constructor(file: string, options: { readonly readOnly?: boolean } = {}) {
    this.connection = new DatabaseSync(file, { readOnly: options.readOnly ?? false, timeout: 5000 });
  }

  exec(sql: string): void {
    this.connection.exec(sql);
  }

  /** The statement of a text, prepared once. */
  #reading(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.connection.prepare(sql);
    statement.setReturnArrays(true);
    this.#prepared.set(sql, statement);
    return statement;
  }

  /**
   * The statement of a text that answers with no rows. Its figures come as bigint: what FTS5 inserts in its own tables
   * has numbers beyond those of JavaScript, and the last of them is told of every statement after it.
   */
  #writing(sql: string): StatementSync {
    const known = this.#writes.get(sql);
    if (known) return known;
    const made = this.connection.prepare(sql);
    made.setReadBigInts(true);
    this.#writes.set(sql, made);
    return made;
  }

  /** Runs a statement; answers how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#writing(sql).run(...values).changes);
  }

  /** Inserts a row; answers its number. */
  insert(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#writing(sql).run(...values).lastInsertRowid);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    this.#recorded?.push({ sql, values });
    return this.#reading(sql).get(...values) as unknown as Row | undefined;
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    this.#recorded?.push({ sql, values });
    return this.#reading(sql).all(...values) as unknown as Row[];
  }

  /** The statements that are run during `work`. */
  record(work: () => void): readonly SqlFragment[] {
    const recorded: SqlFragment[] = [];
    this.#recorded = recorded;
    try {
      work();
    } finally {
      this.#recorded = undefined;
    }
    return recorded;
  }

  close(): void {
    this.#prepared.clear();
    this.#writes.clear();
    this.connection.close();
  }
}
