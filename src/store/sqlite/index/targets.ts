import { LRUCache } from 'lru-cache';
import type { Database } from '../connection/database.ts';
import { nowhere } from './parameters.ts';

/** Most targets kept in memory: a load refers to the same ones many times. */
const rememberedMax = 20_000;

/** The numbers of what is referred to: a type's number and an id, or 0 and a URL. */
export class Targets {
  readonly #database: Database;
  readonly #known = new LRUCache<string, number>({ max: rememberedMax });
  #added: string[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** The number of a target that is asked for; `nowhere` when nothing refers to it. */
  find(type: number, id: string): number {
    const key = `${type} ${id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const [no] = this.#database.get('SELECT no FROM target WHERE type = ? AND id = ?', type, id) ?? [];
    if (no === undefined) return nowhere;
    this.#known.set(key, Number(no));
    return Number(no);
  }

  /** The number of a target that is written. */
  intern(type: number, id: string): number {
    const known = this.find(type, id);
    if (known !== nowhere) return known;
    const no = this.#database.insert('INSERT INTO target (type, id) VALUES (?, ?)', type, id);
    const key = `${type} ${id}`;
    this.#known.set(key, no);
    this.#added.push(key);
    return no;
  }

  /** Called when the work that added targets is committed. */
  keep(): void {
    if (this.#added.length > 0) this.#added = [];
  }

  /** Called when that work is rolled back. */
  forget(): void {
    for (const key of this.#added) this.#known.delete(key);
    this.#added = [];
  }

  /** Called when a commit did not reach the disk. */
  forgetAll(): void {
    this.#known.clear();
    this.#added = [];
  }
}
