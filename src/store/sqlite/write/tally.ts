import type { ResourceType } from '@medplum/fhirtypes';
import type { Database } from '../connection/database.ts';
import type { Names } from '../index/names.ts';

/** How many current resources a type has: counted once, then kept up with every write, so that no search counts. */
export class Tally {
  readonly #database: Database;
  readonly #names: Names;
  readonly #kept = new Map<ResourceType, number>();
  readonly #added = new Map<ResourceType, number>(); // by the piece of work that is at it

  constructor(database: Database, names: Names) {
    this.#database = database;
    this.#names = names;
  }

  of(type: ResourceType): number {
    const known = this.#kept.get(type);
    const added = this.#added.get(type) ?? 0;
    if (known !== undefined) return known + added;
    const sql = 'SELECT count(*) FROM resource WHERE type = ? AND method < 2';
    const found = Number(this.#database.get(sql, this.#names.type(type))?.[0]);
    this.#kept.set(type, found - added);
    return found;
  }

  /** A resource was created (1) or deleted (-1). */
  add(type: ResourceType, change: 1 | -1): void {
    this.#added.set(type, (this.#added.get(type) ?? 0) + change);
  }

  keep(): void {
    for (const [type, change] of this.#added) {
      const known = this.#kept.get(type);
      if (known !== undefined) this.#kept.set(type, known + change);
    }
    this.#added.clear();
  }

  forget(): void {
    this.#added.clear();
  }

  forgetAll(): void {
    this.#added.clear();
    this.#kept.clear();
  }
}
