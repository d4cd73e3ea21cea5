import type { AnyBulkWriteOperation } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import type { SearchParameter } from '../../search/query.ts';
import { resourceOf } from '../version.ts';
import { nameOf } from './building.ts';
import { storedFields, storedOf, type ResourceDocument } from './collections.ts';
import { indexedOf } from './document.ts';
import { parameterNumber } from './parameterNumber.ts';
import type { Shared } from './shared.ts';

const atOnce = 500;

/** What the index of a parameter was made by; another text means that it has to be made anew. */
const madeBy = ({ kind, expression }: SearchParameter): string => `${kind} ${expression}`;

const settingId = 'parameters';

/** Indexes what the registry has anew or otherwise than the index, a type at a time, and notes down what it was made by. */
export async function buildIndex(shared: Shared, { isStart = false } = {}): Promise<void> {
  const { setting, resource } = shared.collections;
  const stored = (await setting.findOne({ _id: settingId }))?.value as Record<string, string> | undefined;
  const outdated = new Map<ResourceType, SearchParameter[]>();
  const wanted: Record<string, string> = {};
  const numbers = new Map<number, string>();
  for (const type of resourceTypes)
    for (const parameter of shared.registry.indexedOf(type)) {
      const name = nameOf(parameter);
      refuseSameNumber(numbers, parameterNumber(parameter), name);
      const made = madeBy(parameter);
      wanted[name] = made;
      const lacks = shared.awaited.delete(name) && shared.written.has(type);
      if ((stored?.[name] === made && !lacks) || shared.building.has(name)) continue;
      outdated.set(type, [...(outdated.get(type) ?? []), parameter]);
    }
  const isGone = (name: string): boolean => wanted[name] === undefined;
  const gone = Object.keys(stored ?? {}).filter(isGone);
  // At the start those that users defined are not in the registry yet; what is written before they are lacks them.
  if (isStart)
    for (const name of gone) {
      wanted[name] = stored?.[name] ?? '';
      shared.awaited.add(name);
    }
  if (outdated.size === 0 && (isStart || gone.length === 0)) return;
  const types = stored ? [...outdated.keys()] : await typesIn(shared);
  for (const type of types) {
    const total = await resource.countDocuments({ t: type });
    if (total === 0) continue;
    for (const parameter of outdated.get(type) ?? [])
      shared.building.set(nameOf(parameter), { parameter, done: 0, total });
  }
  try {
    for (const type of types) await indexType(shared, type, outdated.get(type) ?? []);
  } finally {
    for (const parameter of [...outdated.values()].flat()) shared.building.delete(nameOf(parameter));
  }
  await setting.replaceOne({ _id: settingId }, { value: wanted }, { upsert: true });
}

function refuseSameNumber(numbers: Map<number, string>, no: number, name: string): void {
  const other = numbers.get(no);
  if (other !== undefined) throw new Error(`the search parameters ${other} and ${name} have one number`);
  numbers.set(no, name);
}

const typesIn = async (shared: Shared): Promise<ResourceType[]> =>
  (await shared.collections.resource.distinct('t')) as ResourceType[];

/** Makes the entries of a whole type anew; what is written meanwhile has its new ones already. */
export async function indexType(
  shared: Shared,
  type: ResourceType,
  parameters: readonly SearchParameter[] = [],
): Promise<number> {
  let done = 0;
  for (let last = 0; ;) {
    const rows = await shared.collections.resource
      .find({ t: type, o: { $gt: last } }, { projection: { ...storedFields, o: 1 } })
      .sort({ o: 1 })
      .limit(atOnce)
      .toArray();
    if (rows.length > 0) await shared.collections.resource.bulkWrite(rows.map((row) => renewal(shared, row)));
    done += rows.length;
    for (const parameter of parameters) {
      const progress = shared.building.get(nameOf(parameter));
      if (progress) shared.building.set(nameOf(parameter), { ...progress, done });
    }
    if (rows.length < atOnce) return done;
    last = rows.at(-1)?.o ?? last;
  }
}

const fields = ['n', 'x', 'y', 'a', 'd', 's', 'q'] as const;

function renewal(shared: Shared, row: ResourceDocument): AnyBulkWriteOperation<ResourceDocument> {
  const indexed = indexedOf(shared, resourceOf(storedOf(row._id, row.v, row)));
  const none = fields.filter((field) => indexed[field] === undefined);
  return {
    updateOne: {
      filter: { _id: row._id, v: row.v },
      update: { $set: indexed, $unset: Object.fromEntries(none.map((field) => [field, ''])) },
    },
  };
}
