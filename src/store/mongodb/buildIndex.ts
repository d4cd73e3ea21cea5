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

/**
 * Indexes what the registry has anew or otherwise than the index, a type at a time, and notes down what it was made by.
 * A parameter counts as being built from the call on; builds come one after another.
 */
export async function buildIndex(shared: Shared): Promise<void> {
  shared.made ??= await storedMade(shared);
  for (const parameter of outdatedOf(shared))
    if (!shared.building.has(nameOf(parameter)))
      shared.building.set(nameOf(parameter), { parameter, done: 0, total: 0 });
  const turn = shared.indexing.then(() => build(shared));
  shared.indexing = turn.catch(() => undefined);
  return turn;
}

/** What the registry has and the index has not, or made by something else. */
function outdatedOf({ registry, made }: Shared): SearchParameter[] {
  const numbers = new Map<number, string>();
  return resourceTypes.flatMap((type) =>
    registry.indexedOf(type).filter((parameter) => {
      const name = nameOf(parameter);
      refuseSameNumber(numbers, parameterNumber(parameter), name);
      return made?.[name] !== madeBy(parameter);
    }),
  );
}

async function build(shared: Shared): Promise<void> {
  const isNew = Object.keys(shared.made ?? {}).length === 0;
  const outdated = outdatedOf(shared);
  if (outdated.length === 0) return;
  const names = outdated.map(nameOf);
  await keepMade(shared, without(shared.made ?? {}, names)); // until it is built, it is not made
  const wanted = Map.groupBy(outdated, ({ type }) => type);
  const types = isNew ? await typesIn(shared) : [...wanted.keys()];
  for (const type of types) {
    const parameters = wanted.get(type) ?? [];
    const total = await shared.collections.resource.countDocuments({ t: type });
    for (const parameter of parameters) shared.building.set(nameOf(parameter), { parameter, done: 0, total });
    if (total > 0) await indexType(shared, type, parameters);
  }
  const now = Object.fromEntries(outdated.map((parameter) => [nameOf(parameter), madeBy(parameter)]));
  await keepMade(shared, { ...shared.made, ...now });
  const waiting = new Set(outdatedOf(shared).map(nameOf));
  for (const name of names) if (!waiting.has(name)) shared.building.delete(name);
}

/**
 * Forgets what the index was made by of parameters that the registry has no more: what is written from now on has no
 * entries of them. To be called before a write where the registry has changed.
 */
export async function forgetRemoved(shared: Shared): Promise<void> {
  const { revision } = shared.registry;
  shared.made ??= await storedMade(shared);
  const there = new Set(resourceTypes.flatMap((type) => shared.registry.indexedOf(type).map(nameOf)));
  const gone = Object.keys(shared.made).filter((name) => !there.has(name));
  for (const name of gone) shared.building.delete(name);
  if (gone.length > 0) await keepMade(shared, without(shared.made, gone));
  shared.settled = revision;
}

const without = (
  made: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> => {
  const left = new Set(names);
  return Object.fromEntries(Object.entries(made).filter(([name]) => !left.has(name)));
};

const storedMade = async ({ collections }: Shared): Promise<Record<string, string>> =>
  ((await collections.setting.findOne({ _id: settingId }))?.value ?? {}) as Record<string, string>;

async function keepMade(shared: Shared, made: Record<string, string>): Promise<void> {
  shared.made = made;
  await shared.collections.setting.replaceOne({ _id: settingId }, { value: made }, { upsert: true });
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
