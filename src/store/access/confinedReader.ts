import type { ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../datatypes/entry.ts';
import { parseReference } from '../../datatypes/reference.ts';
import { fhirError, type FhirError } from '../../outcome/fhirError.ts';
import type { ExtractOptions } from '../../search/extract.ts';
import type { SearchQuery } from '../../search/query.ts';
import { shipped } from '../../search/registry.ts';
import { versionName } from '../included.ts';
import type { KeptRecord } from '../record.ts';
import type {
  EntryPage,
  Explanation,
  HistoryPage,
  HistoryQuery,
  Reader,
  Remembered,
  SearchPage,
  Stored,
} from '../store.ts';
import type { Confinement } from './access.ts';
import { visibleChanges } from './changes.ts';
import { QueryConfiner } from './confineQuery.ts';
import { Judge } from './judge.ts';

/** The parts that decide about visibility under one confinement, made once for all reads under it. */
export class Confining {
  readonly judge: Judge;
  readonly queries: QueryConfiner;

  constructor(confinement: Confinement, options: ExtractOptions) {
    this.judge = new Judge(confinement, options);
    this.queries = new QueryConfiner(options.registry ?? shipped, confinement);
  }
}

export const notPermitted = (what: string): FhirError =>
  fhirError(403, 'forbidden', 'not-permitted', `${what} is for those who may see everything`);

/** Referrers looked through for those that are visible. */
const referrersAtOnce = 1000;
/** Versions of one resource looked through at a time. */
const versionsAtOnce = 100;

/**
 * The reader of a principal with limited access: what is not visible does not exist. `all` is the reader that sees
 * everything.
 */
export class ConfinedReader implements Reader {
  readonly #all: Reader;
  readonly #confining: Confining;

  constructor(all: Reader, confining: Confining) {
    this.#all = all;
    this.#confining = confining;
  }

  async #ifVisible(stored: Stored | undefined): Promise<Stored | undefined> {
    const { judge } = this.#confining;
    return stored && (await judge.sees(this.#all, stored)) ? judge.shown(stored) : undefined;
  }

  async read(type: ResourceType, id: string): Promise<Stored | undefined> {
    const stored = await this.#all.read(type, id);
    if (!stored) await this.#confining.judge.idle(this.#all, type);
    return this.#ifVisible(stored);
  }

  async vread(type: ResourceType, id: string, version: number): Promise<Stored | undefined> {
    const stored = await this.#all.vread(type, id, version);
    if (!stored) await this.#confining.judge.idle(this.#all, type);
    return this.#ifVisible(stored);
  }

  async history(
    type: ResourceType,
    id: string,
    { count, before }: { count: number; before?: number },
  ): Promise<Stored[]> {
    const visible: Stored[] = [];
    for (let from = before; visible.length < count;) {
      const page = { count: versionsAtOnce, ...(from === undefined ? {} : { before: from }) };
      const versions = await this.#all.history(type, id, page);
      if (versions.length === 0) await this.#confining.judge.idle(this.#all, type);
      visible.push(...(await this.#confining.judge.visible(this.#all, versions)));
      if (versions.length < versionsAtOnce) break;
      from = versions.at(-1)?.version;
    }
    return visible.slice(0, count);
  }

  revivals(versions: readonly Stored[]): Promise<ReadonlySet<Stored>> {
    return this.#all.revivals(versions);
  }

  changes(query: HistoryQuery): Promise<HistoryPage> {
    return visibleChanges(this.#all, this.#confining.judge, query);
  }

  async search(query: SearchQuery): Promise<SearchPage> {
    const confined = this.#confining.queries.confine(query);
    const isCounted = query.total !== 'none' || query.count === 0;
    if (!confined) return { matches: [], included: [], ...(isCounted ? { total: 0 } : {}) };
    const { versions = [], ...found } = await this.#all.search(confined);
    const { judge } = this.#confining;
    const page = {
      ...found,
      matches: found.matches.map((one) => judge.shown(one)),
      included: found.included.map((one) => judge.shown(one)),
    };
    if (versions.length === 0) return page;
    const named = new Map(versions.map((version) => [versionName(version), version]));
    for (const there of [...page.matches, ...page.included]) named.delete(versionName(there));
    const visible = await judge.visible(this.#all, [...named.values()]);
    return { ...page, included: [...page.included, ...visible] };
  }

  explain(): Promise<Explanation> {
    return Promise.reject(notPermitted('How a search is answered'));
  }

  gathered(): Promise<readonly KeptRecord[]> {
    return Promise.reject(notPermitted('Records beside FHIR'));
  }

  /** Counts all that refer to it; names those that are visible. */
  async referrers(
    type: ResourceType,
    id: string,
    count: number,
  ): Promise<{ references: string[]; total: number }> {
    const { references, total } = await this.#all.referrers(type, id, Math.max(count, referrersAtOnce));
    const visible: string[] = [];
    for (const reference of references) {
      if (visible.length >= count) break;
      if (await this.#isVisible(reference)) visible.push(reference);
    }
    return { references: visible, total };
  }

  async #isVisible(reference: string): Promise<boolean> {
    const target = parseReference(reference);
    return target !== undefined && (await this.read(target.type, target.id)) !== undefined;
  }

  /** The journal of an Account that is not visible is empty. */
  async journal(account: string): Promise<Entry[]> {
    return (await this.#isVisible(account)) ? this.#all.journal(account) : [];
  }

  entries(): Promise<EntryPage> {
    return Promise.reject(notPermitted('The whole journal'));
  }

  /** A holder that is not visible is not reported. */
  async holder(key: string): Promise<string | undefined> {
    const holder = await this.#all.holder(key);
    return holder !== undefined && (await this.#isVisible(holder)) ? holder : undefined;
  }

  recall(key: string): Promise<Remembered | undefined> {
    return this.#all.recall(key);
  }

  generation(type: ResourceType): Promise<number | string> {
    return this.#all.generation(type);
  }
}
