import type { ResourceType } from '@medplum/fhirtypes';
import type { Database } from '../connection/database.ts';

/**
 * The types whose rows an earlier version wrote, and up to which resource (a rid) a column has been filled since: the
 * signature of index rows (`carried`), or the members beside a current version (`members`).
 */
export class Backfill {
  readonly #database: Database;
  readonly #column: 'carried' | 'members';
  readonly #reached = new Map<ResourceType, number>();
  #changed = false;

  constructor(database: Database, column: 'carried' | 'members') {
    this.#database = database;
    this.#column = column;
    this.reload();
  }

  reload(): void {
    this.#changed = false;
    this.#reached.clear();
    const column = this.#column;
    for (const [name, rid] of this.#database.all(
      `SELECT name, ${column} FROM type WHERE ${column} IS NOT NULL`,
    ))
      this.#reached.set(String(name) as ResourceType, Number(rid));
  }

  get types(): readonly ResourceType[] {
    return [...this.#reached.keys()];
  }

  /** How far a type is; undefined when all its rows are. */
  of(type: ResourceType): number | undefined {
    return this.#reached.get(type);
  }

  /** Keeps how far a type is, `null` when it is complete; inside a transaction. */
  reached(type: ResourceType, rid: number | null): void {
    this.#database.run(`UPDATE type SET ${this.#column} = ? WHERE name = ?`, rid, type);
    if (rid === null) this.#reached.delete(type);
    else this.#reached.set(type, rid);
    this.#changed = true;
  }

  /** Called when the work that changed it is committed. */
  keep(): void {
    this.#changed = false;
  }

  /** Called when that work is rolled back: all is read again. */
  forget(): void {
    if (this.#changed) this.reload();
  }
}
