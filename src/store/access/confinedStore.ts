import type { ExtractOptions } from '../../search/extract.ts';
import type { Registry } from '../../search/registry.ts';
import type { AuditTrail } from '../audit.ts';
import type { Copying } from '../copying.ts';
import type { Jobs } from '../job.ts';
import type { Records } from '../record.ts';
import type { AsOfPage, AsOfQuery, IndexProgress, Store, Transaction } from '../store.ts';
import type { Access, Confinement } from './access.ts';
import { ConfinedReader, Confining, notPermitted } from './confinedReader.ts';
import { ConfinedTransaction } from './confinedTransaction.ts';
import { noteServer } from './asServer.ts';

/** The store of a principal with limited access; operations on the store as a whole are refused. */
class ConfinedStore extends ConfinedReader implements Store {
  readonly #all: Store;
  readonly #confining: Confining;

  constructor(all: Store, confining: Confining) {
    super(all, confining);
    this.#all = all;
    this.#confining = confining;
  }

  get registry(): Registry {
    return this.#all.registry;
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#all.transaction((tx) => {
      const confined = new ConfinedTransaction(tx, this.#confining);
      noteServer(confined, tx, (type) => this.#confining.judge.seesAll(type));
      return work(confined);
    });
  }

  /** Each version is judged by itself: what was visible then, whatever the resource has become. */
  async asOf(query: AsOfQuery): Promise<AsOfPage> {
    const { judge } = this.#confining;
    if (!judge.seesAny(query.type)) return { versions: [] };
    const page = await this.#all.asOf(query);
    return judge.seesAll(query.type)
      ? { ...page, versions: page.versions.map((version) => judge.shown(version)) }
      : { ...page, versions: await judge.visible(this.#all, page.versions) };
  }
  settled(at: number): Promise<void> {
    return this.#all.settled(at);
  }
  as(): Store {
    throw notPermitted('Another access');
  }
  get jobs(): Jobs {
    throw notPermitted('Background work');
  }
  get records(): Records {
    throw notPermitted('Records beside FHIR');
  }
  get audit(): AuditTrail {
    throw notPermitted('Records of access');
  }
  get copying(): Copying {
    throw notPermitted('Copying the store');
  }
  buildIndex(): Promise<void> {
    return Promise.reject(notPermitted('Indexing'));
  }
  reindex(): Promise<number> {
    return Promise.reject(notPermitted('Indexing'));
  }
  building(): Promise<readonly IndexProgress[]> {
    return Promise.reject(notPermitted('How far indexing is'));
  }
  onDefined(): void {
    throw notPermitted('Indexing');
  }
  trouble(): never {
    throw notPermitted('How the store is');
  }
  empty(): Promise<boolean> {
    return Promise.reject(notPermitted('Whether the store is empty'));
  }
  close(): Promise<void> {
    return Promise.reject(notPermitted('Closing the store'));
  }
}

/** The confined stores of one store by confinement, kept as long as the confinement is in use. */
export class Accesses {
  readonly #all: Store;
  readonly #options: ExtractOptions;
  readonly #made = new WeakMap<Confinement, Store>();

  constructor(all: Store, options: ExtractOptions) {
    this.#all = all;
    this.#options = options;
  }

  as(access: Access): Store {
    if (access === 'all') return this.#all;
    const known = this.#made.get(access);
    if (known) return known;
    const made = new ConfinedStore(this.#all, new Confining(access, this.#options));
    noteServer(made, this.#all);
    this.#made.set(access, made);
    return made;
  }
}
