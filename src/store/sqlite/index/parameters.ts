import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../../datatypes/resourceType.ts';
import { otherReference } from '../../../search/extract.ts';
import { indexDefinition, isAsFirst } from '../../../search/indexDefinition.ts';
import type { SearchParameter } from '../../../search/query.ts';
import type { Registry } from '../../../search/registry.ts';
import type { Database } from '../connection/database.ts';

/** The number that no parameter, type or system has: what is asked for is nowhere. */
export const nowhere = -2;

/** A parameter whose index is being built: the resources up to `done` (a rid) have their entries. */
export interface Building {
  readonly parameter: SearchParameter;
  readonly no: number;
  readonly done: number;
}

/** What is stored of a parameter. */
interface Row {
  readonly no: number;
  readonly definition: string;
  readonly done: number | null;
}

const definitions = new WeakMap<SearchParameter, string>();
function definitionOf(parameter: SearchParameter): string {
  const known =
    definitions.get(parameter) ??
    (parameter.code === '_reference' ? parameter.expression : indexDefinition(parameter));
  definitions.set(parameter, known);
  return known;
}

/** Schema 1 kept the expression alone. */
const isAsBefore = (stored: string, parameter: SearchParameter): boolean =>
  stored === definitionOf(parameter) || (stored === parameter.expression && isAsFirst(parameter));

/** The numbers of search parameters, and how far the index of each is. */
export class Parameters {
  readonly #database: Database;
  readonly #registry: Registry;
  #numbers = new WeakMap<SearchParameter, number>();
  readonly #byCode = new Map<string, number>();
  readonly #building = new Map<string, Building>();
  readonly #several = new Set<number>();
  #retired: number[] = [];
  /** Numbers of what the registry has no longer; a write retires them. */
  #left: readonly number[] = [];
  #revision = -1;
  #isForWriting = false;
  #changed = false;

  constructor(database: Database, registry: Registry) {
    this.#database = database;
    this.#registry = registry;
  }

  /** The parameters that have index entries of their own. */
  indexedOf(type: ResourceType): SearchParameter[] {
    return [...this.#registry.indexedOf(type), otherReference(type)];
  }

  of(parameter: SearchParameter): number {
    const known = this.#numbers.get(parameter);
    if (known !== undefined) return known;
    const no = this.byCode(parameter.type, parameter.code);
    this.#numbers.set(parameter, no);
    return no;
  }

  byCode(type: ResourceType, code: string): number {
    return this.#byCode.get(`${type}|${code}`) ?? nowhere;
  }

  get building(): readonly Building[] {
    return [...this.#building.values()];
  }

  /** How far the index of a parameter is; undefined when it is complete. */
  buildingOf(type: ResourceType, code: string): Building | undefined {
    return this.#building.size === 0 ? undefined : this.#building.get(`${type}|${code}`);
  }

  /** Numbers whose rows are still to be dropped. */
  get retired(): readonly number[] {
    return this.#retired;
  }

  /** True when the registry has changed since; before a write also when parameters that left were not retired yet. */
  isOutdated(forWriting: boolean): boolean {
    return this.#revision !== this.#registry.revision || (forWriting && !this.#isForWriting);
  }

  /**
   * Takes over the registry, inside a transaction that is open: numbers what is new; what says something else gets
   * another number. Before a write, what is in the registry no longer is retired: nobody keeps its entries.
   */
  sync(types: ReadonlyMap<string, number>, forWriting: boolean): void {
    if (this.#revision !== this.#registry.revision) this.#takeAll(types);
    if (forWriting && this.#left.length > 0) {
      for (const no of this.#left) this.#retire(no);
      this.#retired.push(...this.#left);
      this.#left = [];
    }
    this.#isForWriting = forWriting;
    this.#changed = true;
  }

  #takeAll(types: ReadonlyMap<string, number>): void {
    const stored = new Map<string, Row>();
    const sql = 'SELECT type, code, no, expression, done FROM parameter WHERE retired = 0';
    for (const [type, code, no, definition, done] of this.#database.all(sql))
      stored.set(`${String(type)}|${String(code)}`, {
        no: Number(no),
        definition: String(definition),
        done: done === null || done === undefined ? null : Number(done),
      });
    this.#numbers = new WeakMap();
    this.#several.clear();
    for (const [no] of this.#database.all('SELECT no FROM parameter WHERE several = 1'))
      this.#several.add(Number(no));
    this.#byCode.clear();
    this.#building.clear();
    for (const type of resourceTypes) {
      for (const parameter of this.indexedOf(type)) {
        const key = `${type}|${parameter.code}`;
        this.#take(key, parameter, stored.get(key), types.get(type) ?? nowhere);
        stored.delete(key);
      }
    }
    this.#left = [...stored.values()].map(({ no }) => no);
    this.#retired = this.#database
      .all('SELECT no FROM parameter WHERE retired = 1')
      .map(([no]) => Number(no));
    this.#revision = this.#registry.revision;
  }

  #take(key: string, parameter: SearchParameter, row: Row | undefined, type: number): void {
    let taken = row;
    if (row && !isAsBefore(row.definition, parameter)) {
      this.#retire(row.no);
      taken = undefined;
    }
    taken ??= this.#add(parameter, type);
    this.#byCode.set(key, taken.no);
    if (taken.done !== null) this.#building.set(key, { parameter, no: taken.no, done: taken.done });
  }

  #add(parameter: SearchParameter, type: number): Row {
    const definition = definitionOf(parameter);
    const [isUsed] =
      this.#database.get('SELECT EXISTS (SELECT 1 FROM resource WHERE type = ? AND method < 2)', type) ?? [];
    const done = isUsed === 1 ? 0 : null;
    const no = this.#database.insert(
      'INSERT INTO parameter (type, code, expression, done) VALUES (?, ?, ?, ?)',
      ...[parameter.type, parameter.code, definition, done],
    );
    return { no, definition, done };
  }

  #retire(no: number): void {
    this.#database.run("UPDATE parameter SET retired = 1, code = code || '~' || no WHERE no = ?", no);
  }

  /** True when no resource has more than one date of a parameter. */
  isSingle(no: number): boolean {
    return no !== nowhere && !this.#several.has(no);
  }

  /** True when some date of a parameter lasts longer than a day. */
  hasLong(no: number): boolean {
    const sql =
      'SELECT 1 FROM date INDEXED BY date_long WHERE parameter = ? AND high - low > 86400000 LIMIT 1';
    return this.#database.get(sql, no) !== undefined;
  }

  /** A resource has several dates of a parameter; inside a transaction. */
  foundSeveral(no: number): void {
    if (this.#several.has(no)) return;
    this.#database.run('UPDATE parameter SET several = 1 WHERE no = ?', no);
    this.#several.add(no);
    this.#changed = true;
  }

  /** Keeps how far the index of a parameter is, `null` when it is complete; inside a transaction. */
  reached({ parameter, no }: Building, done: number | null): void {
    const key = `${parameter.type}|${parameter.code}`;
    this.#database.run('UPDATE parameter SET done = ? WHERE no = ?', done, no);
    if (done === null) this.#building.delete(key);
    else this.#building.set(key, { parameter, no, done });
    this.#changed = true;
  }

  /** The rows of a retired parameter are gone; inside a transaction. Its number is never used again. */
  dropped(no: number): void {
    this.#database.run('UPDATE parameter SET retired = 2 WHERE no = ?', no);
    this.#retired = this.#retired.filter((other) => other !== no);
    this.#changed = true;
  }

  /** What changed since belongs to a piece of work that stays. */
  keep(): void {
    this.#changed = false;
  }

  /** It was rolled back: all is read again. */
  forget(): void {
    if (this.#changed) this.#revision = -1;
    this.#changed = false;
  }
}
