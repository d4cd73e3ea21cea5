import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { SearchParameter } from '../../../search/query.ts';
import {
  allIndexed,
  announce,
  changeDefinitions,
  goneFrom,
  madeBy,
  numberOfDefinitions,
  readDefinitions,
  without,
  type Definitions,
} from './definitions.ts';
import type { Registry } from '../../../search/registry.ts';
import type { IndexProgress } from '../../store.ts';
import type { Collections, ServerDocument } from '../connection/collections.ts';
import { nameOf } from '../index/parameterNumber.ts';

/** Milliseconds between two signs of life of a server, and after which one without them is struck off. */
const beatEvery = 1000;
const goneAfter = 30_000;
/** Milliseconds for which a server may write and search after a sign of life: the others count on it meanwhile. */
const leaseLasts = 10_000;
const askEvery = 100;

const digests = new WeakMap<SearchParameter, string>();
/** A short digest of a parameter's definition. */
export function digestOf(parameter: SearchParameter): string {
  const known = digests.get(parameter);
  if (known !== undefined) return known;
  const text = `${nameOf(parameter)} ${madeBy(parameter)}`;
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 12);
  digests.set(parameter, digest);
  return digest;
}

/** What the membership reads and sets of the state of a store. */
interface IndexState {
  readonly collections: Collections;
  readonly registry: Registry;
  readonly building: Map<string, IndexProgress>;
  made: Readonly<Record<string, string>>;
}

const digestsOf = new WeakMap<readonly SearchParameter[], readonly string[]>();
/** The parameters that a server writes entries of. */
function writtenBy({ registry }: IndexState): readonly string[] {
  const all = allIndexed(registry);
  const known = digestsOf.get(all);
  if (known) return known;
  const written = all.map(digestOf).sort();
  digestsOf.set(all, written);
  return written;
}

/**
 * This server among those of one store. Each says which parameters it writes entries of, and follows what the others
 * say: none takes an index for complete that another does not write. See docs/decision/0018.
 */
export class ClusterMembership {
  readonly #state: IndexState;
  readonly #id = randomUUID();
  readonly #writers = new Set<Promise<unknown>>();
  #leaseUntil = -Infinity; // by the monotonic clock
  #term = 0;
  #seen = -1; // the state of the definitions this server has acted upon
  #taken: { readonly definitions: Definitions; readonly revision: number } | undefined; // over, with what registry
  #isBehind = true; // what others defined is to be looked up
  #said = ''; // the parameters this server has said it writes
  #settled = -1; // the revision of the registry that all of this holds for
  #settling: Promise<void> = Promise.resolve();
  #saying: Promise<void> = Promise.resolve();
  #beat: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #follow: () => Promise<unknown> = () => Promise.resolve();

  constructor(state: IndexState) {
    this.#state = state;
  }

  get id(): string {
    return this.#id;
  }

  /** `follow` is called whenever others may have defined a parameter. */
  set onDefined(follow: () => Promise<unknown>) {
    this.#follow = follow;
  }

  /** True while the other servers count on this one: only then it may write and search. */
  get isPresent(): boolean {
    return performance.now() < this.#leaseUntil;
  }
  /** Rises when this server has entered anew, having been struck off: work of the term before may not land. */
  get term(): number {
    return this.#term;
  }

  /** Enters the store, and keeps saying so. */
  async join(): Promise<void> {
    await this.#enter();
    this.#next();
  }

  async leave(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#beat;
    await this.#state.collections.server.deleteOne({ _id: this.#id }).catch(() => undefined);
  }

  #next(): void {
    this.#timer = setTimeout(() => {
      this.#beat = this.renew()
        .catch(() => undefined) // the database is away: the lease runs out, and the next beat tries again
        .then(() => {
          if (this.#timer !== undefined) this.#next();
        });
    }, beatEvery).unref();
  }

  async #enter(): Promise<void> {
    const { collections } = this.#state;
    const from = performance.now();
    const p = writtenBy(this.#state);
    this.#term += 1;
    const entered = { seen: '$$NOW', g: -1, p: { $literal: p } }; // thousands, which the database need not look into
    await collections.server.updateOne({ _id: this.#id }, [{ $set: entered }], { upsert: true });
    await announce(collections);
    this.#said = p.join();
    this.#settled = -1;
    await this.#act();
    this.#leaseUntil = from + leaseLasts;
  }

  /** Gives a sign of life, and acts upon new definitions; throws when the database is away. */
  async renew(): Promise<void> {
    const { collections } = this.#state;
    const from = performance.now();
    const [{ matchedCount }, now] = await Promise.all([
      collections.server.updateOne({ _id: this.#id }, [{ $set: { seen: '$$NOW' } }], {
        writeConcern: { w: 1, journal: false },
      }),
      collections.setting.findOne({ _id: 'parameters' }, { projection: { n: 1 } }),
    ]);
    if (matchedCount === 0) await this.#enter();
    else {
      this.#leaseUntil = from + leaseLasts;
      if ((now?.n ?? 0) !== this.#seen) await this.#act();
    }
    if (this.#isBehind) void this.#catchUp();
  }

  /** Takes over which indexes are complete, and says so. */
  async #act(): Promise<void> {
    const definitions = await readDefinitions(this.#state.collections);
    this.#take(definitions);
    await this.#state.collections.server.updateOne({ _id: this.#id }, { $set: { g: definitions.n } });
    this.#seen = definitions.n;
    this.#isBehind = true;
  }

  async #catchUp(): Promise<void> {
    this.#isBehind = false;
    try {
      await this.#follow();
      await this.say();
    } catch {
      this.#isBehind = true; // with the next beat
    }
  }

  /** Takes over definitions: parameters with a complete index are searched by, all others are being built. */
  #take(definitions: Definitions): void {
    const { made } = definitions;
    const { building, registry } = this.#state;
    this.#taken = { definitions, revision: registry.revision };
    this.#state.made = made;
    const served = new Set<string>();
    for (const parameter of allIndexed(registry)) {
      const name = nameOf(parameter);
      served.add(name);
      if (made[name] === madeBy(parameter)) building.delete(name);
      else if (!building.has(name)) building.set(name, { parameter, done: 0, total: 0 });
    }
    for (const name of building.keys()) if (!served.has(name)) building.delete(name);
  }

  /** Takes over the present definitions; they are read where they have changed. */
  async look(): Promise<Definitions> {
    const { collections, registry } = this.#state;
    const before = this.#taken?.definitions;
    const isAsBefore = before !== undefined && before.n === (await numberOfDefinitions(collections));
    if (isAsBefore && this.#taken?.revision === registry.revision) return before;
    const definitions = isAsBefore ? before : await readDefinitions(collections);
    this.#take(definitions);
    return definitions;
  }

  /** A writer is waited for before this server says that it writes by another registry. */
  async writing<T>(work: Promise<T>): Promise<T> {
    this.#writers.add(work);
    try {
      return await work;
    } finally {
      this.#writers.delete(work);
    }
  }

  /** True when writing may begin at once. */
  get isReady(): boolean {
    return this.#settled === this.#state.registry.revision && this.isPresent;
  }

  /** To be awaited before writing when it may not begin at once. */
  async ready(): Promise<void> {
    if (!this.isPresent) await this.renew();
    await this.settle();
  }

  /** Says which parameters this server writes entries of, as soon as no writer writes by another registry. */
  say(): Promise<void> {
    const turn = this.#saying.then(() => this.#say());
    this.#saying = turn.catch(() => undefined);
    return turn;
  }

  async #say(): Promise<void> {
    const { collections } = this.#state;
    const p = writtenBy(this.#state);
    const said = p.join();
    if (said === this.#said) return;
    await Promise.allSettled([...this.#writers]);
    const { matchedCount } = await collections.server.updateOne({ _id: this.#id }, { $set: { p } });
    if (matchedCount === 0) return this.renew();
    await announce(collections);
    this.#said = said;
  }

  /**
   * Lets what this server does not write entries of count as not indexed, for all servers, and waits until each has
   * acted upon it.
   */
  settle(): Promise<void> {
    const turn = this.#settling.then(() => this.#settle());
    this.#settling = turn.catch(() => undefined);
    return turn;
  }

  async #settle(): Promise<void> {
    const { registry, collections } = this.#state;
    while (this.#settled !== registry.revision) {
      const { revision } = registry;
      await this.say();
      const definitions = await this.look();
      const gone = goneFrom(registry, definitions.made);
      if (gone.size > 0) {
        const now = await changeDefinitions(collections, definitions, without(definitions.made, gone));
        if (!now) continue;
        this.#take(now);
        await this.#untilAllActedUpon(now);
      }
      this.#settled = revision;
    }
  }

  async #untilAllActedUpon({ n }: Definitions): Promise<void> {
    while ((await this.others()).some(({ g }) => g < n)) await pause(askEvery);
  }

  /** True when every other server writes entries of all parameters that this one has. */
  async agree(): Promise<boolean> {
    const own = writtenBy(this.#state);
    const others = (await this.others()).map(({ p }) => new Set(p));
    return others.every((digests) => own.every((digest) => digests.has(digest)));
  }

  /** True when no other server is there. */
  async isAlone(): Promise<boolean> {
    const { server } = this.#state.collections;
    return (await server.findOne({ _id: { $ne: this.#id } }, { projection: { _id: 1 } })) === null;
  }

  /** The other servers that are there; one that has not said so for long is struck off, and must enter anew. */
  async others(): Promise<ServerDocument[]> {
    const { server } = this.#state.collections;
    const isGone = { $expr: { $lt: ['$seen', { $subtract: ['$$NOW', goneAfter] }] } };
    await server.deleteMany({ _id: { $ne: this.#id }, ...isGone });
    return server.find({ _id: { $ne: this.#id } }).toArray();
  }
}
