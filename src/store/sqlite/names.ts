import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import type { Registry } from '../../search/registry.ts';
import { otherReference } from '../../search/extract.ts';
import type { SearchParameter } from '../../search/query.ts';
import type { Database } from './database.ts';

/** The system of a token that its element implies (a plain code): it matches whatever system is asked for. */
export const implied = -1;
/** No system. */
export const none = 0;
/** The number that no parameter, type or system has: what is asked for is nowhere. */
export const nowhere = -2;

/** The numbers that stand for types, parameters and systems in the rows. */
export class Names {
  readonly #database: Database;
  readonly #registry: Registry;
  readonly #types = new Map<string, number>();
  readonly #typeNames = new Map<number, ResourceType>();
  readonly #parameters = new Map<SearchParameter, number>();
  readonly #byCode = new Map<string, number>();
  readonly #systems = new Map<string, number>();
  #added: string[] = [];

  constructor(database: Database, registry: Registry) {
    this.#registry = registry;
    this.#database = database;
    this.reload();
  }

  reload(): void {
    this.#systems.clear();
    this.#systems.set('', none);
    for (const [uri, no] of this.#database.all('SELECT uri, no FROM system'))
      this.#systems.set(String(uri), Number(no));
  }

  /** Numbers what has none yet; answers the types of which a parameter is new or has another expression. */
  register(): ResourceType[] {
    const outdated = new Set<ResourceType>();
    const database = this.#database;
    for (const type of resourceTypes) database.run('INSERT OR IGNORE INTO type (name) VALUES (?)', type);
    for (const [no, name] of database.all('SELECT no, name FROM type')) {
      this.#types.set(String(name), Number(no));
      this.#typeNames.set(Number(no), String(name) as ResourceType);
    }
    const stored = new Map(
      database
        .all('SELECT type, code, no, expression FROM parameter')
        .map(([t, c, no, e]) => [`${String(t)}|${String(c)}`, { no, e }]),
    );
    for (const type of resourceTypes) {
      for (const parameter of [...this.#registry.indexedOf(type), otherReference(type)]) {
        const { code, expression } = parameter;
        const key = `${type}|${code}`;
        const known = stored.get(key);
        if (known?.e !== expression) {
          database.run(
            'INSERT INTO parameter (type, code, expression) VALUES (?, ?, ?) ' +
              'ON CONFLICT (type, code) DO UPDATE SET expression = excluded.expression',
            ...[type, code, expression],
          );
          outdated.add(type);
        }
        const no =
          known?.no ?? database.get('SELECT no FROM parameter WHERE type = ? AND code = ?', type, code)?.[0];
        this.#byCode.set(key, Number(no));
      }
    }
    return [...outdated];
  }

  type(name: string): number {
    return this.#types.get(name) ?? nowhere;
  }

  typeName(no: number): ResourceType {
    const name = this.#typeNames.get(no);
    if (!name) throw new Error(`no type has number ${no}`);
    return name;
  }

  parameter(parameter: SearchParameter): number {
    const known = this.#parameters.get(parameter);
    if (known !== undefined) return known;
    const no = this.byCode(parameter.type, parameter.code);
    this.#parameters.set(parameter, no);
    return no;
  }

  byCode(type: ResourceType, code: string): number {
    return this.#byCode.get(`${type}|${code}`) ?? nowhere;
  }

  /** The number of a system that is asked for; `nowhere` when no row has it. */
  system(uri: string): number {
    return this.#systems.get(uri) ?? nowhere;
  }

  /** The number of a system that is written. */
  internSystem(uri: string): number {
    const known = this.#systems.get(uri);
    if (known !== undefined) return known;
    const no = Number(this.#database.prepare('INSERT INTO system (uri) VALUES (?)').run(uri).lastInsertRowid);
    this.#systems.set(uri, no);
    this.#added.push(uri);
    return no;
  }

  /** What was added since belongs to a piece of work that stays. */
  keep(): void {
    if (this.#added.length > 0) this.#added = [];
  }

  /** What was added since was rolled back. */
  forget(): void {
    for (const uri of this.#added) this.#systems.delete(uri);
    this.#added = [];
  }
}
