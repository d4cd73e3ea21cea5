import type { AnyBulkWriteOperation, ClientSession } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../../datatypes/entry.ts';
import { isCharted } from '../index/charted.ts';
import type { Collections, ResourceDocument, VersionDocument } from '../connection/collections.ts';
import type { Lone } from './writeLone.ts';

interface Change {
  readonly stored: string | undefined; // the shard key the database has it under; undefined: it is new there
  readonly document: ResourceDocument;
}

/** Writes of a transaction that have not been sent to the database yet. */
export class Pending {
  readonly #resources = new Map<string, Change>();
  readonly #versions: VersionDocument[] = [];
  readonly #journal: { readonly order: number; readonly entry: Entry }[] = [];
  readonly #types = new Set<ResourceType>();
  readonly #isAgain: boolean;
  #isMarked = true; // what was written of these types is in the generations

  /** `isAgain`: this is not the first attempt; former versions of an unfinished write may be in the way. */
  constructor(isAgain: boolean) {
    this.#isAgain = isAgain;
  }

  /** Types that were written, sent or not. */
  get types(): ReadonlySet<ResourceType> {
    return this.#types;
  }

  write(document: ResourceDocument, former: VersionDocument | undefined): void {
    if (former) this.#versions.push(former);
    const before = this.#resources.get(document._id);
    const stored = before ? before.stored : former?.k;
    this.#resources.set(document._id, { stored, document });
    if (!this.#types.has(document.h) && !isCharted(document.h)) this.#isMarked = false;
    this.#types.add(document.h);
  }

  /** The only version to write, where nothing else is to be written and its type has no generation. */
  get lone(): Lone | undefined {
    if (!this.#isMarked || this.#versions.length > 1 || this.#journal.length > 0) return undefined;
    const [change, ...others] = this.#resources.values();
    const [former] = this.#versions;
    const isNew = change?.stored === undefined;
    return change && others.length === 0 && isNew === !former
      ? { document: change.document, former }
      : undefined;
  }

  /** Whether nothing but this resource is to be written. */
  isOnly(reference: string): boolean {
    return this.#resources.keys().every((one) => one === reference);
  }

  append(order: number, entry: Entry): void {
    this.#journal.push({ order, entry });
  }

  /** Sends the writes, one message per collection. `mark` is left in the transaction's writer slot. */
  async send(
    { resource, version, journal, generation }: Collections,
    session: ClientSession,
    slot: { readonly id: string; readonly mark: string },
  ): Promise<void> {
    const former = this.#versions.splice(0);
    if (former.length > 0)
      await (this.#isAgain ? keepAgain(version, former, session) : version.insertMany(former, { session }));
    const changes = [...this.#resources.values()];
    this.#resources.clear();
    const fresh = changes.filter(({ stored }) => stored === undefined).map(({ document }) => document);
    if (fresh.length > 0) await resource.insertMany(fresh, { session });
    const replaced = changes.flatMap(({ stored, document }): AnyBulkWriteOperation<ResourceDocument>[] =>
      stored === undefined
        ? []
        : [{ replaceOne: { filter: { _id: document._id, k: stored }, replacement: document } }],
    );
    if (replaced.length > 0) await resource.bulkWrite(replaced, { session });
    const entries = this.#journal.splice(0);
    if (entries.length > 0)
      await journal.insertMany(
        entries.map(({ order, entry }) => ({ _id: order, a: entry.account, e: JSON.stringify(entry) })),
        { session },
      );
    if (this.#isMarked) return;
    const marks = Object.fromEntries(
      [...this.#types].filter((type) => !isCharted(type)).map((type) => [`g.${type}`, slot.mark]),
    );
    await generation.updateOne({ _id: slot.id }, { $set: marks }, { session, upsert: true });
    this.#isMarked = true;
  }
}

/** Former versions; those left by a writer that did not go on to replace the current version are overwritten. */
const keepAgain = (
  version: Collections['version'],
  former: readonly VersionDocument[],
  session: ClientSession,
): Promise<unknown> =>
  version.bulkWrite(
    former.map(({ _id, ...kept }) => ({
      replaceOne: { filter: { _id, k: kept.k }, replacement: kept, upsert: true },
    })),
    { session },
  );
