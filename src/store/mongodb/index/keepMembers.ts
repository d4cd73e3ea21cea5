import type { ResourceType } from '@medplum/fhirtypes';
import { resourceOf } from '../../version.ts';
import { storedFields, storedOf } from '../connection/collections.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { derivedOf } from '../write/document.ts';

const atOnce = 500;
/** The setting that records that it was done, and of which types' rules (the value `true`: of the first). */
const done = 'members';
const rules = 2;
/** A Provenance belongs to the practices among its agents since the second rules. */
const changed: ResourceType = 'Provenance';

/**
 * Adds the members to documents that an earlier version wrote, and makes those anew whose rules have changed since. Until
 * a document has them, and where a server of that version writes it again, access is judged by its content.
 */
export async function keepMembers(state: MongoState): Promise<void> {
  const { resource, setting } = state.collections;
  const was = await setting.findOne({ _id: done });
  if (was?.value === rules) return;
  await forgetOf(state, changed);
  const types = was ? [changed] : ((await resource.distinct('t')) as (ResourceType | null)[]);
  for (const t of types) if (t && !(await keepOfType(state, t))) return;
  await setting.replaceOne({ _id: done }, { value: rules }, { upsert: true });
}

/** Takes the members away from all versions of a type. The documents of a type are a stretch of the keys. */
async function forgetOf({ collections }: MongoState, t: ResourceType): Promise<void> {
  const without = { $unset: { b: '' as const } };
  await collections.resource.updateMany(
    { _id: { $gte: `${t}/`, $lt: `${t}0` }, b: { $exists: true } },
    without,
  );
  await collections.version.updateMany(
    { _id: { $gte: { r: `${t}/`, v: 0 }, $lt: { r: `${t}0`, v: 0 } }, b: { $exists: true } },
    without,
  );
}

/** False when the store is being closed: the next start goes on. */
async function keepOfType(state: MongoState, t: ResourceType): Promise<boolean> {
  const { resource } = state.collections;
  for (let last = 0; ;) {
    if (state.isClosing) return false;
    const rows = await resource
      .find({ t, o: { $gt: last } }, { projection: { ...storedFields, o: 1 } })
      .sort({ o: 1 })
      .limit(atOnce)
      .toArray();
    const updates = rows.flatMap((row) => {
      const { b } = row.b === undefined ? derivedOf(state, resourceOf(storedOf(row._id, row.v, row))) : {};
      return b === undefined
        ? []
        : [{ updateOne: { filter: { _id: row._id, v: row.v }, update: { $set: { b } } } }];
    });
    if (updates.length > 0) await resource.bulkWrite(updates, { ordered: false });
    if (rows.length < atOnce) return true;
    last = rows.at(-1)?.o ?? last;
  }
}
