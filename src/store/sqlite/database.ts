import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';

export type Row = readonly SQLOutputValue[];

/** One connection with its prepared statements; rows come as arrays, in the order of the columns asked for. */
export class Database {
  readonly connection: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(file: string, options: { readonly readOnly?: boolean } = {}) {
    this.connection = new DatabaseSync(file, { readOnly: options.readOnly ?? false, timeout: 5000 });
  }

  exec(sql: string): void {
    this.connection.exec(sql);
  }

  /** The statement of a text, prepared once; the oldest go when there are very many. */
  prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql);
    if (known) return known;
    const made = this.connection.prepare(sql);
    made.setReturnArrays(true);
    if (this.#prepared.size >= 500) this.#prepared.delete(this.#prepared.keys().next().value ?? '');
    this.#prepared.set(sql, made);
    return made;
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.prepare(sql).run(...values).changes);
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as unknown as Row | undefined;
  }

  all(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.prepare(sql).all(...values) as unknown as Row[];
  }

  close(): void {
    this.#prepared.clear();
    this.connection.close();
  }
}
