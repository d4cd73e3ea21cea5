import type { Collections, ResourceDocument } from '../connection/collections.ts';
import { referencePrefix } from '../index/fields.ts';
import { errorOfOne } from './bulkError.ts';
import { currentOfAll, type Current } from './current.ts';
import { Gathered, type Outcome } from './gathered.ts';
import { replaceTogether, type Replacement } from './replaceTogether.ts';

/** Reads and writes outside of transactions: those of one kind at the same time share a message. */
export class Together {
  /** Current versions by Type/id. */
  readonly reads: Gathered<string, Current | undefined>;
  /** Whether Type/id may be referred to: false is certain, true has to be checked. */
  readonly referred: Gathered<string, boolean>;
  readonly inserts: Gathered<ResourceDocument, undefined>;
  readonly replacements: Gathered<Replacement, undefined>;

  constructor(collections: Collections) {
    this.reads = new Gathered((references) => readTogether(collections, references));
    this.referred = new Gathered((references) => referredTogether(collections, references));
    this.inserts = new Gathered((documents) => insertTogether(collections, documents));
    this.replacements = new Gathered((replacements) => replaceTogether(collections, replacements));
  }
}

/** The current versions of resources; undefined for one that is not known. */
async function readTogether(
  collections: Collections,
  references: readonly string[],
): Promise<Outcome<Current | undefined>[]> {
  const found = await currentOfAll(collections, [...new Set(references)]);
  return references.map((reference) => ({ value: found.get(reference) }));
}

/**
 * Whether resources are referred to. False for all is certain; otherwise each has to be checked by itself, as a resource
 * that refers to itself counts here too.
 */
async function referredTogether(
  { resource }: Collections,
  references: readonly string[],
): Promise<Outcome<boolean>[]> {
  const prefixes = [...new Set(references)].map(referencePrefix);
  const found = await resource.findOne({ x: { $in: prefixes } }, { projection: { _id: 1 } });
  return references.map(() => ({ value: found !== null }));
}

/** Inserts new resources independently: one that exists already does not prevent the others. */
async function insertTogether(
  { resource }: Collections,
  documents: readonly ResourceDocument[],
): Promise<Outcome<undefined>[]> {
  try {
    await resource.insertMany([...documents], { ordered: false });
    return documents.map(() => ({ value: undefined }));
  } catch (error) {
    return documents.map((_, i) => {
      const own = errorOfOne(error, i);
      return own === undefined ? { value: undefined } : { error: own };
    });
  }
}
