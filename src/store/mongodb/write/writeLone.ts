import { setTimeout as pause } from 'node:timers/promises';
import type { Collections, ResourceDocument, VersionDocument } from '../connection/collections.ts';
import { hasLanded } from './hasLanded.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { busy, isAway, isDuplicate, overtaken } from '../connection/transient.ts';

/** The whole result of work that wrote one version of one resource, with the version it follows, if any. */
export interface Lone {
  readonly document: ResourceDocument;
  readonly former: VersionDocument | undefined;
}

/** Writes it without a transaction, in one message with other writes; throws Conflict when another write came first. */
export async function writeLone(state: MongoState, lone: Lone, deadline: number): Promise<void> {
  const { document, former } = lone;
  const { inserts, replacements } = state.together;
  try {
    await (former ? replacements.ask({ document, former }) : inserts.ask(document));
  } catch (error) {
    if (!isAway(error)) throw error;
    await settle(state.collections, lone, deadline);
  }
}

/** Checks a write whose outcome is unknown, and repeats it where it was not done. */
async function settle(collections: Collections, lone: Lone, deadline: number): Promise<void> {
  for (;;) {
    if (performance.now() > deadline) throw busy();
    await pause(100);
    try {
      if (await hasLanded(collections, lone.document)) return;
      if (await writeAlone(collections, lone)) return;
      if (await hasLanded(collections, lone.document)) return; // the write nobody knew the end of came to one
      break;
    } catch (error) {
      if (!isAway(error)) throw error;
    }
  }
  throw overtaken(lone.document._id);
}

/** False when another write came first. */
async function writeAlone({ resource, version }: Collections, { document, former }: Lone): Promise<boolean> {
  if (!former) return wasInserted(resource.insertOne(document));
  const { _id, k, w, e } = former;
  if (!(await wasInserted(version.insertOne(former)))) {
    const there = await version.findOne({ _id }, { projection: { e: 1 } });
    if (there?.e !== e) return false;
  }
  return (await resource.replaceOne({ _id: document._id, k, w }, document)).matchedCount > 0;
}

async function wasInserted(insert: Promise<unknown>): Promise<boolean> {
  try {
    await insert;
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}
