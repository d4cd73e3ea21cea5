import type { AnyBulkWriteOperation } from 'mongodb';
import { errorOfOne } from './bulkError.ts';
import type { Collections, ResourceDocument, VersionDocument } from '../connection/collections.ts';
import type { Outcome } from './gathered.ts';
import { hasLanded } from './hasLanded.ts';
import { overtaken } from '../connection/transient.ts';

/** The next version of a resource, and the document of the version that it replaces. */
export interface Replacement {
  readonly document: ResourceDocument;
  readonly former: VersionDocument;
}

type Done = Outcome<undefined>;
const done: Done = { value: undefined };
const failed = (error: unknown): Done => (error === undefined ? done : { error });

/**
 * Writes next versions independently: first the former versions, then the documents that are still at the version that
 * is replaced. The second write decides; see docs/decision/0011.
 */
export async function replaceTogether(
  collections: Collections,
  replacements: readonly Replacement[],
): Promise<readonly Done[]> {
  const kept = await keepFormer(collections, replacements);
  const going = replacements.filter((_, i) => kept[i] === done);
  const replaced = going.length > 0 ? await replace(collections, going) : [];
  return kept.map((outcome) => (outcome === done ? (replaced.shift() ?? outcome) : outcome));
}

/** A row that exists already was written by another writer. */
async function keepFormer(
  { version }: Collections,
  replacements: readonly Replacement[],
): Promise<readonly Done[]> {
  try {
    await version.insertMany(
      replacements.map(({ former }) => former),
      { ordered: false },
    );
    return replacements.map(() => done);
  } catch (error) {
    return replacements.map((_, i) => failed(errorOfOne(error, i)));
  }
}

/** Finds by `_id` alone, which needs no query planning; the condition on the version is in the update. */
const whereUnchanged = ({ document, former }: Replacement): AnyBulkWriteOperation<ResourceDocument> => {
  const next = { $cond: [{ $eq: ['$w', former.w] }, { $literal: document }, '$$ROOT'] };
  return { updateOne: { filter: { _id: document._id }, update: [{ $replaceWith: next }] } };
};

async function replace(collections: Collections, going: readonly Replacement[]): Promise<Done[]> {
  let error: unknown;
  try {
    const { modifiedCount } = await collections.resource.bulkWrite(going.map(whereUnchanged), {
      ordered: false,
    });
    if (modifiedCount === going.length) return going.map(() => done);
  } catch (caught) {
    error = caught;
  }
  return Promise.all(
    going.map(async (replacement, i) => {
      const own = error === undefined ? undefined : errorOfOne(error, i);
      return own === undefined ? failed(await unlessLanded(collections, replacement)) : failed(own);
    }),
  );
}

/** The error where fewer documents were replaced than expected. */
async function unlessLanded(collections: Collections, { document }: Replacement): Promise<unknown> {
  const isDone = await hasLanded(collections, document).catch((error: unknown) => error);
  return isDone === true ? undefined : isDone === false ? overtaken(document._id) : isDone;
}
