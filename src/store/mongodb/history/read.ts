import type { ResourceType } from '@medplum/fhirtypes';
import type { Entry } from '../../../datatypes/entry.ts';
import { originIdPrefix } from '../../../datatypes/originId.ts';
import type { EntryPage, Remembered, Stored } from '../../store.ts';
import { methods, storedFields, storedOf, type VersionDocument } from '../connection/collections.ts';
import { currentFields, currentOf, type Current } from '../write/current.ts';
import { referenceSpan } from '../index/fields.ts';
import { within, type View } from '../connection/mongoState.ts';

export async function current(view: View, type: ResourceType, id: string): Promise<Current | undefined> {
  const reference = `${type}/${id}`;
  const { state, session } = view;
  if (!session) return state.together.reads.ask(reference);
  const found = await state.collections.resource.findOne(
    { _id: reference },
    { projection: currentFields, session },
  );
  return found ? currentOf(found) : undefined;
}

/** The order of the last write of a resource. */
export async function writeOrder(view: View, reference: string): Promise<number | undefined> {
  const { resource } = view.state.collections;
  return (await resource.findOne({ _id: reference }, { projection: { w: 1 }, ...within(view) }))?.w;
}

/** Current versions that are not deleted, in the order asked for. */
export async function byReferences(view: View, references: readonly string[]): Promise<Stored[]> {
  if (references.length === 0) return [];
  const rows = await view.state.collections.resource
    .find({ _id: { $in: [...references] } }, { projection: storedFields, ...within(view) })
    .toArray();
  const byId = new Map(rows.map((row) => [row._id, storedOf(row._id, row.v, row)]));
  return references.flatMap((reference) => {
    const found = byId.get(reference);
    return found && !found.deleted ? [found] : [];
  });
}

const versionOf = (row: VersionDocument): Stored => storedOf(row._id.r, row._id.v, row);

/** Newest first, at most `count`, from just below version `before`. */
export async function history(
  view: View,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  { count, before = Infinity }: { readonly count: number; readonly before?: number },
): Promise<Stored[]> {
  const now = await current(view, type, id);
  if (!now || count < 1) return [];
  const newest = now.version < before ? [now] : [];
  const left = count - newest.length;
  if (left === 0 || now.version === 1) return newest;
  const r = `${type}/${id}`;
  const older = await view.state.collections.version
    .find({ _id: { $gte: { r, v: 0 }, $lt: { r, v: Math.min(before, now.version) } } }, within(view))
    .sort({ _id: -1 })
    .limit(left)
    .toArray();
  return [...newest, ...older.map(versionOf)];
}

/** Versions of resources, those that are there and no deletions; in no order that matters. */
export async function byVersions(
  view: View,
  named: readonly { readonly type: ResourceType; readonly id: string; readonly version?: number }[],
): Promise<Stored[]> {
  const wanted = new Map(
    named.map(({ type, id, version }) => [`${type}/${id}/_history/${version}`, version]),
  );
  const references = [...new Set(named.map(({ type, id }) => `${type}/${id}`))];
  const { resource, version } = view.state.collections;
  const rows = await resource
    .find({ _id: { $in: references } }, { projection: storedFields, ...within(view) })
    .toArray();
  const found = rows
    .map((row) => storedOf(row._id, row.v, row))
    .filter((row) => wanted.delete(`${row.type}/${row.id}/_history/${row.version}`));
  const ids = [...wanted].map(([name, v]) => ({ r: name.slice(0, name.indexOf('/_history/')), v: v ?? 0 }));
  const older = ids.length === 0 ? [] : await version.find({ _id: { $in: ids } }, within(view)).toArray();
  return [...found, ...older.map(versionOf)].filter(({ deleted }) => !deleted);
}

export async function vread(
  view: View,
  type: ResourceType,
  id: string,
  version: number,
): Promise<Stored | undefined> {
  const now = await current(view, type, id);
  if (!now || now.version === version) return now;
  if (version > now.version) return undefined;
  const row = await view.state.collections.version.findOne(
    { _id: { r: `${type}/${id}`, v: version } },
    within(view),
  );
  return row ? versionOf(row) : undefined;
}

export async function revivals(view: View, versions: readonly Stored[]): Promise<Set<Stored>> {
  const before = new Map(
    versions
      .filter(({ version, deleted }) => version > 2 && !deleted)
      .map((one) => [`${one.type}/${one.id}/${one.version - 1}`, one]),
  );
  if (before.size === 0) return new Set();
  const ids = [...before.values()].map(({ type, id, version }) => ({ r: `${type}/${id}`, v: version - 1 }));
  const deletions = await view.state.collections.version
    .find({ _id: { $in: ids }, m: methods.indexOf('DELETE') }, { projection: { _id: 1 }, ...within(view) })
    .toArray();
  return new Set(deletions.flatMap(({ _id: { r, v } }) => before.get(`${r}/${v}`) ?? []));
}

const writtenOrigin = new RegExp(`^Provenance/${originIdPrefix}`);

/** The resources that refer to one, by first creation; without itself, as it may be deleted all the same. */
export async function referrers(
  view: View,
  { type, id }: { readonly type: ResourceType; readonly id: string },
  count: number,
): Promise<{ references: string[]; total: number }> {
  const own = `${type}/${id}`;
  const [from, to] = referenceSpan(own);
  // Provenances that operations wrote name versions, which are kept, so they keep nothing else
  const match = { x: { $elemMatch: { $gte: from, $lt: to } }, _id: { $ne: own, $not: writtenOrigin } };
  const { resource } = view.state.collections;
  const rows = await resource
    .find(match, { projection: { _id: 1, o: 1 }, ...within(view) })
    .sort({ o: 1 })
    .limit(count + 1)
    .toArray();
  const total = rows.length <= count ? rows.length : await resource.countDocuments(match, within(view));
  return { references: rows.slice(0, count).map(({ _id }) => _id), total };
}

export async function holder(view: View, key: string): Promise<string | undefined> {
  return (await view.state.collections.key.findOne({ _id: key }, within(view)))?.r;
}

export async function recall(view: View, key: string): Promise<Remembered | undefined> {
  const found = await view.state.collections.answer.findOne({ _id: key }, within(view));
  if (!found || (found.e !== null && found.e <= view.state.now())) return undefined;
  return {
    bodyHash: found.b,
    status: found.s,
    headers: JSON.parse(found.h) as Record<string, string>,
    body: found.j,
  };
}

const entryOf = (text: string): Entry => JSON.parse(text) as Entry;

/** The journal of one Account, in the order it was written. */
export async function journal(view: View, account: string): Promise<Entry[]> {
  const rows = await view.state.collections.journal
    .find({ a: account }, within(view))
    .sort({ a: 1, _id: 1 })
    .toArray();
  return rows.map(({ e }) => entryOf(e));
}

/** The whole journal in pages; `next` is there when there may be more. */
export async function entries(
  view: View,
  { count, after = 0 }: { readonly count: number; readonly after?: number },
): Promise<EntryPage> {
  const rows = await view.state.collections.journal
    .find({ _id: { $gt: after } }, within(view))
    .sort({ _id: 1 })
    .limit(count + 1)
    .toArray();
  const page = rows.slice(0, count);
  const last = page.at(-1)?._id;
  const found = page.map(({ e }) => entryOf(e));
  const orders = page.map(({ _id }) => _id);
  return rows.length > count && last !== undefined
    ? { entries: found, orders, next: last }
    : { entries: found, orders };
}

/** The marks that the writer slots last left for each type; see Transaction.generation. */
export async function generations(view: View): Promise<ReadonlyMap<string, string>> {
  const slots = await view.state.collections.generation.find({}, within(view)).sort({ _id: 1 }).toArray();
  const found = new Map<string, string>();
  for (const { g } of slots)
    for (const [type, mark] of Object.entries(g)) found.set(type, `${found.get(type) ?? ''}${mark}.`);
  return found;
}
