import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../../datatypes/resourceType.ts';
import type { Registry } from '../../../search/registry.ts';
import type { SearchParameter } from '../../../search/query.ts';
import { Backfill } from './backfill.ts';
import type { Database } from '../connection/database.ts';
import { nowhere, Parameters } from './parameters.ts';
import { Targets } from './targets.ts';

/** The system of a token that its element implies (a plain code): it matches whatever system is asked for. */
export const implied = -1;
/** No system. */
export const none = 0;
export { nowhere } from './parameters.ts';

/** The numbers that stand for types, parameters and systems in the rows. */
export class Names {
  readonly #database: Database;
  readonly parameters: Parameters;
  readonly targets: Targets;
  readonly signatureBackfill: Backfill;
  readonly membersBackfill: Backfill;
  readonly #types = new Map<string, number>();
  readonly #typeNames = new Map<number, ResourceType>();
  readonly #systems = new Map<string, number>();
  #added: string[] = [];

  constructor(database: Database, registry: Registry) {
    this.#database = database;
    this.parameters = new Parameters(database, registry);
    this.targets = new Targets(database);
    this.signatureBackfill = new Backfill(database, 'carried');
    this.membersBackfill = new Backfill(database, 'members');
    this.reload();
  }

  reload(): void {
    this.targets.forgetAll();
    this.signatureBackfill.reload();
    this.membersBackfill.reload();
    this.#systems.clear();
    this.#systems.set('', none);
    for (const [uri, no] of this.#database.all('SELECT uri, no FROM system'))
      this.#systems.set(String(uri), Number(no));
  }

  /** Numbers the types and takes over the registry, inside a transaction that is open. */
  sync(forWriting: boolean): void {
    const database = this.#database;
    if (this.#types.size === 0) {
      for (const type of resourceTypes) database.run('INSERT OR IGNORE INTO type (name) VALUES (?)', type);
      for (const [no, name] of database.all('SELECT no, name FROM type')) {
        this.#types.set(String(name), Number(no));
        this.#typeNames.set(Number(no), String(name) as ResourceType);
      }
    }
    this.parameters.sync(this.#types, forWriting);
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
    return this.parameters.of(parameter);
  }

  byCode(type: ResourceType, code: string): number {
    return this.parameters.byCode(type, code);
  }

  /** The number of a system that is asked for; `nowhere` when no row has it. */
  system(uri: string): number {
    return this.#systems.get(uri) ?? nowhere;
  }

  /** The number of a system that is written. */
  internSystem(uri: string): number {
    const known = this.#systems.get(uri);
    if (known !== undefined) return known;
    const no = this.#database.insert('INSERT INTO system (uri) VALUES (?)', uri);
    this.#systems.set(uri, no);
    this.#added.push(uri);
    return no;
  }

  /** Called when the work that added numbers is committed. */
  keep(): void {
    this.parameters.keep();
    this.targets.keep();
    this.signatureBackfill.keep();
    this.membersBackfill.keep();
    if (this.#added.length > 0) this.#added = [];
  }

  /** Called when that work is rolled back. */
  forget(): void {
    this.parameters.forget();
    this.targets.forget();
    this.signatureBackfill.forget();
    this.membersBackfill.forget();
    for (const uri of this.#added) this.#systems.delete(uri);
    this.#added = [];
  }
}
