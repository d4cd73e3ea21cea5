import { setTimeout as pause } from 'node:timers/promises';
import type { AnyBulkWriteOperation } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import type { SearchParameter } from '../../../search/query.ts';
import { resourceOf } from '../../version.ts';
import {
  storedFields,
  storedOf,
  type ResourceDocument,
  type ServerDocument,
} from '../connection/collections.ts';
import { allIndexed, changeDefinitions, madeBy } from '../cluster/definitions.ts';
import { derivedOf } from '../write/document.ts';
import { digestOf } from '../cluster/clusterMembership.ts';
import type { MongoState } from '../connection/mongoState.ts';
import { isAway, isDuplicate } from '../connection/transient.ts';
import { nameOf, parameterNumber } from './parameterNumber.ts';

const atOnce = 500;

const askEvery = 300; // milliseconds
const builder = 'builder';

/**
 * Indexes what the registry has anew or otherwise than the index, a type at a time, and notes down what it was made by.
 * A parameter counts as being built from the call on; builds come one after another.
 */
export async function buildIndex(state: MongoState): Promise<void> {
  for (const parameter of outdatedOf(state))
    if (!state.building.has(nameOf(parameter)))
      state.building.set(nameOf(parameter), { parameter, done: 0, total: 0 });
  const turn = state.indexing.then(() => build(state));
  state.indexing = turn.catch(() => undefined);
  return turn;
}

/** What the registry has and the index has not, or made by something else. */
export function outdatedOf({ registry, made }: MongoState): SearchParameter[] {
  const all = allIndexed(registry);
  refuseSameNumbers(all);
  return all.filter((parameter) => made[nameOf(parameter)] !== madeBy(parameter));
}

/** Builds what all servers write entries of, one server at a time; the others wait for it, or go on where it stopped. */
async function build(state: MongoState): Promise<void> {
  const { membership } = state;
  while (!state.isClosing) {
    try {
      await membership.say();
      await membership.look();
      if (outdatedOf(state).length === 0) return;
      await membership.settle(); // what is renewed loses what this server does not index
      if (await buildOnce(state)) continue;
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    await pause(askEvery);
  }
}

/** One round of building; false where there was nothing to do yet, or another server does it. */
async function buildOnce(state: MongoState): Promise<boolean> {
  const { collections, membership } = state;
  const definitions = await membership.look();
  const others = await membership.others();
  const written = others.map(({ p }) => new Set(p));
  const ready = outdatedOf(state).filter((parameter) =>
    written.every((digests) => digests.has(digestOf(parameter))),
  );
  if (ready.length === 0 || !(await takeTurn(state, others))) return false;
  try {
    await indexAll(state, ready);
    const now = Object.fromEntries(ready.map((parameter) => [nameOf(parameter), madeBy(parameter)]));
    // Where a server came, or changed what it writes, meanwhile, all is gone over once more.
    await changeDefinitions(collections, definitions, { ...definitions.made, ...now });
    await membership.look();
    return true;
  } finally {
    await collections.setting.updateOne({ _id: builder, value: membership.id }, { $set: { value: null } });
  }
}

/** Of several servers one builds: the first, until it is done or gone. */
async function takeTurn(
  { collections, membership }: MongoState,
  others: readonly Pick<ServerDocument, '_id'>[],
): Promise<boolean> {
  try {
    const { matchedCount, upsertedCount } = await collections.setting.updateOne(
      { _id: builder, value: { $nin: others.map(({ _id }) => _id) } },
      { $set: { value: membership.id } },
      { upsert: true },
    );
    return matchedCount + upsertedCount === 1;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

async function indexAll(state: MongoState, parameters: readonly SearchParameter[]): Promise<void> {
  const wanted = Map.groupBy(parameters, ({ type }) => type);
  const there = new Set((await state.collections.resource.distinct('t')) as ResourceType[]);
  for (const [type, ofType] of wanted) {
    if (!there.has(type)) continue;
    const total = await state.collections.resource.countDocuments({ t: type });
    for (const parameter of ofType) state.building.set(nameOf(parameter), { parameter, done: 0, total });
    await indexType(state, type, ofType);
  }
}

const different = new WeakSet<readonly SearchParameter[]>(); // in their numbers

function refuseSameNumbers(all: readonly SearchParameter[]): void {
  if (different.has(all)) return;
  const numbers = new Map<number, string>();
  for (const parameter of all) {
    const [no, name] = [parameterNumber(parameter), nameOf(parameter)];
    const other = numbers.get(no);
    if (other !== undefined) throw new Error(`the search parameters ${other} and ${name} have one number`);
    numbers.set(no, name);
  }
  different.add(all);
}

/** Makes the entries of a whole type anew; what is written meanwhile has its new ones already. */
export async function indexType(
  state: MongoState,
  type: ResourceType,
  parameters: readonly SearchParameter[] = [],
): Promise<number> {
  let done = 0;
  for (let last = 0; ;) {
    const rows = await state.collections.resource
      .find({ t: type, o: { $gt: last } }, { projection: { ...storedFields, o: 1 } })
      .sort({ o: 1 })
      .limit(atOnce)
      .toArray();
    if (rows.length > 0) await state.collections.resource.bulkWrite(rows.map((row) => renewal(state, row)));
    state.written.add(type);
    done += rows.length;
    for (const parameter of parameters) {
      const progress = state.building.get(nameOf(parameter));
      if (progress) state.building.set(nameOf(parameter), { ...progress, done });
    }
    if (rows.length < atOnce) return done;
    last = rows.at(-1)?.o ?? last;
  }
}

const fields = ['n', 'x', 'y', 'a', 'd', 's', 'q'] as const;

function renewal(state: MongoState, row: ResourceDocument): AnyBulkWriteOperation<ResourceDocument> {
  const indexed = derivedOf(state, resourceOf(storedOf(row._id, row.v, row)));
  const none = fields.filter((field) => indexed[field] === undefined);
  return {
    updateOne: {
      filter: { _id: row._id, v: row.v },
      update: { $set: indexed, $unset: Object.fromEntries(none.map((field) => [field, ''])) },
    },
  };
}
