import type { AnyBulkWriteOperation } from 'mongodb';
import { errorOfOne } from './bulkError.ts';
import type { Collections, ResourceDocument, VersionDocument } from '../connection/collections.ts';
import type { Outcome } from './gathered.ts';
import { hasLanded } from './hasLanded.ts';
import { overtaken } from '../connection/transient.ts';

/** The next version of a resource, and the one it follows as that is kept from then on. */
export interface Replacement {
  readonly document: ResourceDocument;
  readonly former: VersionDocument;
}

type Done = Outcome<undefined>;
const done: Done = { value: undefined };
const failed = (error: unknown): Done => (error === undefined ? done : { error });

/**
 * Writes next versions, each for itself: the former ones first, then the documents where they still are at the version
 * that is followed. The second is what counts: see docs/decision/0011.
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

/** A row that is there already is another writer's. */
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

/** Found by `_id` alone, which the database does without planning; the condition is in what is done. */
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

/** What is wrong where fewer were replaced than should have been. */
async function unlessLanded(collections: Collections, { document }: Replacement): Promise<unknown> {
  const isDone = await hasLanded(collections, document).catch((error: unknown) => error);
  return isDone === true ? undefined : isDone === false ? overtaken(document._id) : isDone;
}
