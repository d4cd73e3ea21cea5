import type { Resource, ResourceType, SearchParameter as SearchParameterResource } from '@medplum/fhirtypes';
import { wrongValue, type Issue } from '../../outcome/issue.ts';
import { parsePairs } from '../../search/parse.ts';
import type { SearchParameter } from '../../search/query.ts';
import { toParameters } from '../../search/toParameters.ts';
import { asServer } from '../../store/access/asServer.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { parsed } from '../stored.ts';

interface Served {
  readonly parameter: SearchParameter;
  readonly url: string;
}

/** A SearchParameter of a package that cannot be served, and why. */
export interface Unserved {
  readonly url: string;
  readonly faults: readonly Issue[];
}

const keyOf = (type: ResourceType, code: string): string => `${type} ${code}`;

/**
 * The search parameters of packages and of stored SearchParameters: what the registry of the store gets besides those
 * that are shipped. Their index is built in the background; a search by one that is not built yet is refused.
 */
export class DefinedParameters {
  readonly #store: Store;
  readonly #packaged: readonly SearchParameterResource[];
  readonly #onFault: (error: unknown) => void;
  #served = new Map<string, Served>();
  #byUrl = new Map<string, SearchParameterResource>();
  readonly #building = new Set<string>();
  readonly #wrote = new WeakSet<Transaction>();
  #refreshed: Promise<void> = Promise.resolve();
  #built: Promise<void> = Promise.resolve();
  #revision = 0;

  constructor(store: Store, packaged: readonly Resource[], onFault: (error: unknown) => void) {
    this.#store = store;
    this.#packaged = packaged.filter((r) => r.resourceType === 'SearchParameter');
    this.#onFault = onFault;
    store.onDefined(() => this.refresh());
  }

  /** Rises when another set of parameters answers. */
  get revision(): number {
    return this.#revision;
  }

  /** The canonical of what defined a parameter; undefined for one that is shipped. */
  urlOf(type: ResourceType, code: string): string | undefined {
    return this.#served.get(keyOf(type, code))?.url;
  }

  /** True while the index of a parameter is being built: a search by it is refused. */
  isBuilding(type: ResourceType, code: string): boolean {
    return this.#building.has(keyOf(type, code));
  }

  /**
   * Why a SearchParameter is not taken: it says what cannot be served, or another has its code. A draft is kept all the
   * same where it only cannot be served: it is not for use yet, and a search by it is refused as unknown.
   */
  faultsOf(resource: SearchParameterResource): readonly Issue[] {
    const { parameters, faults } = toParameters(resource, (url) => this.#byUrl.get(url));
    const taken = parameters.find(
      ({ type, code }) => (this.urlOf(type, code) ?? resource.url) !== resource.url,
    );
    if (!taken) return resource.status === 'draft' ? [] : faults;
    const text = `${taken.type} has a search parameter ${taken.code} already, by ${this.urlOf(taken.type, taken.code) ?? ''}`;
    return [...faults, wrongValue('search-parameter', 'SearchParameter.code', text)];
  }

  /** Says that a transaction writes a SearchParameter: when it has landed, what is served is looked up again. */
  note(tx: Transaction): void {
    this.#wrote.add(asServer(tx));
  }

  /** To be called when a transaction has landed. */
  async landed(tx: Transaction | undefined): Promise<void> {
    if (tx && this.#wrote.has(asServer(tx))) await this.refresh().catch(this.#onFault);
  }

  /** Resolves when the index of all that was defined is built. */
  get built(): Promise<void> {
    return this.#built;
  }

  /** Serves what packages and stored SearchParameters define now, and nothing else; answers with what it cannot serve. */
  async refresh(): Promise<readonly Unserved[]> {
    let unserved: readonly Unserved[] = [];
    const turn = this.#refreshed.then(async () => {
      unserved = this.#serve([...this.#packaged, ...(await this.#stored())]);
    });
    this.#refreshed = turn.catch(() => undefined);
    await turn;
    return unserved;
  }

  async #stored(): Promise<SearchParameterResource[]> {
    const found: SearchParameterResource[] = [];
    const query = parsePairs('SearchParameter', [['_count', '1000']]);
    for (let cursor: string | undefined; ;) {
      const page = await this.#store.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.matches.map((row) => parsed<SearchParameterResource>(row)));
      cursor = page.next;
      if (cursor === undefined) return found;
    }
  }

  #serve(resources: readonly SearchParameterResource[]): Unserved[] {
    this.#byUrl = new Map(resources.map((resource) => [resource.url, resource]));
    const wanted = new Map<string, Served>();
    const unserved: Unserved[] = [];
    for (const resource of resources) {
      const { parameters, faults } = toParameters(resource, (url) => this.#byUrl.get(url));
      if (faults.length > 0) unserved.push({ url: resource.url, faults });
      for (const parameter of parameters)
        wanted.set(keyOf(parameter.type, parameter.code), { parameter, url: resource.url });
    }
    const { registry } = this.#store;
    for (const [key, { parameter }] of this.#served)
      if (!wanted.has(key)) registry.remove(parameter.type, parameter.code);
    const fresh = [...wanted].filter(([, { parameter }]) => registry.define(parameter)).map(([key]) => key);
    const isOther = fresh.length > 0 || wanted.size !== this.#served.size;
    this.#served = wanted;
    if (isOther || this.#revision === 0) this.#build(fresh); // at the start: what another version left to build
    return unserved;
  }

  #build(fresh: readonly string[]): void {
    for (const key of fresh) this.#building.add(key);
    this.#revision += 1;
    this.#built = this.#store
      .buildIndex()
      .then(() => {
        for (const key of fresh) this.#building.delete(key);
        this.#revision += 1;
      })
      .catch(this.#onFault);
  }
}
