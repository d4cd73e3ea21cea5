import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient, MongoError, MongoServerSelectionError, type Db, type IndexDescription } from 'mongodb';
import { unfinishedMove } from '../../copying.ts';
import { collectionsOf, indexes, type Collections } from './collections.ts';
import { MongoStore } from '../mongodbStore.ts';
import { partsMax, MongoState, type MongoStateOptions } from './mongoState.ts';
import { isAway } from './transient.ts';

/** The layout this version writes; a store of a higher one is left alone. */
const format = 1;
const patience = 5000; // milliseconds until a server that does not answer counts as away
const electionPatience = 30_000; // milliseconds that a replica set may take to elect a primary
const electionInterval = 250; // milliseconds between two questions

/** The error of a failed start, without the URL, as it may hold a password. */
const failed = (text: string, cause?: unknown): Error =>
  new Error(text, cause === undefined ? {} : { cause });

/** Opens a database of a replica set or a sharded cluster, and makes its collections and indexes where there are none. */
export async function openMongodb(url: string, options: MongoStateOptions): Promise<MongoStore> {
  const { client, collections, isSharded } = await openDatabase(url, options);
  try {
    if (options.moving !== true && (await collections.setting.findOne({ _id: 'move' })))
      throw failed(unfinishedMove);
    const state = await share(client, collections, { ...options, isSharded });
    await state.membership.join();
    const store = new MongoStore(state);
    if (options.reading === true) {
      if ((await state.membership.others()).length > 0) {
        await store.close();
        throw failed('servers use this database: stop them first, or look at a copy of it');
      }
      return store;
    }
    const built = store.buildIndex();
    built.catch(() => undefined);
    store.keepMembers().catch(() => undefined); // the next start tries again
    // An empty database is ready at once; otherwise reads are served meanwhile, and searches by a parameter that is
    // being indexed are refused.
    if (await store.empty()) await built;
    return store;
  } catch (error) {
    await client.close();
    throw error;
  }
}

interface OpenDatabase {
  readonly client: MongoClient;
  readonly collections: Collections;
  readonly isSharded: boolean;
}

/** Connects and prepares the database; while the replica set has no primary, asks again for half a minute. */
async function openDatabase(
  url: string,
  { told, reading = false }: MongoStateOptions,
): Promise<OpenDatabase> {
  const began = performance.now();
  for (let isTold = false; ; isTold = true) {
    const client = newClient(url);
    try {
      await connect(client);
      const db = client.db();
      if (db.databaseName === 'admin' || db.databaseName === 'test')
        throw failed('the MongoDB URL names no database: mongodb://HOST/DATABASE');
      const collections = collectionsOf(db);
      const isSharded = await refuseOthers(client, db, collections);
      if (!reading) await prepare(db, collections);
      return { client, collections, isSharded };
    } catch (error) {
      await client.close();
      if (!isAway(error)) throw error;
      if (performance.now() - began > electionPatience)
        throw failed(
          `MongoDB answers, but its replica set has elected no primary within ${electionPatience / 1000} seconds: ` +
            'was it initiated (rs.initiate()), and is a majority of its members up?',
        );
      if (!isTold)
        told?.(
          `MongoDB answers, but its replica set has no primary yet: waiting up to ${electionPatience / 1000} seconds`,
        );
      await pause(electionInterval); // an error that comes at once must not be asked for without a pause
    }
  }
}

function newClient(url: string): MongoClient {
  try {
    return new MongoClient(url, {
      appName: 'claimwright',
      serverSelectionTimeoutMS: patience,
      connectTimeoutMS: patience,
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority', journal: true },
      readPreference: 'primary',
      ignoreUndefined: true,
      enableUtf8Validation: false, // what we read is what we wrote
      promoteBuffers: true,
    });
  } catch {
    throw failed('the MongoDB URL is malformed: mongodb://HOST[,HOST]/DATABASE?replicaSet=NAME');
  }
}

async function connect(client: MongoClient): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    if (error instanceof MongoError && (error.code === 18 || /auth/i.test(error.message)))
      throw failed('MongoDB refused the user name or password');
    if (isAway(error) && hasAnswered(error)) throw error;
    if (isAway(error))
      throw failed(
        `no MongoDB server answered within ${patience / 1000} seconds: is it running, and a replica set?`,
      );
    throw failed('MongoDB could not be reached');
  }
}

/** True when a member of the replica set answered and only a primary is missing. */
const hasAnswered = (error: unknown): boolean =>
  error instanceof MongoServerSelectionError &&
  error.reason !== undefined &&
  [...error.reason.servers.values()].some(({ type }) => type !== 'Unknown');

/** Throws for a server that has no transactions and a store of a newer version; true for a sharded cluster. */
async function refuseOthers(client: MongoClient, db: Db, { setting }: Collections): Promise<boolean> {
  const hello = (await client.db('admin').command({ hello: 1 })) as {
    readonly setName?: string;
    readonly msg?: string;
  };
  if (hello.setName === undefined && hello.msg !== 'isdbgrid')
    throw failed(
      'MongoDB runs alone: transactions need a replica set (one member is enough: mongod --replSet)',
    );
  const found = await setting.findOne({ _id: 'format' });
  const at = Number(found?.value ?? 0);
  if (at > format)
    throw failed(
      `the database ${db.databaseName} was written by a newer version (format ${at}); this version knows format ${format}`,
    );
  return hello.msg === 'isdbgrid';
}

async function prepare(db: Db, collections: Collections): Promise<void> {
  const { setting } = collections;
  const wanted = JSON.stringify(indexes);
  const [known, secret] = await Promise.all([
    setting.findOne({ _id: 'indexes' }),
    setting.findOne({ _id: 'secret' }),
  ]);
  if (!secret) {
    const value = randomBytes(32).toString('base64url');
    await setting.updateOne({ _id: 'secret' }, { $setOnInsert: { value } }, { upsert: true });
  }
  if (known?.value === wanted) return;
  const existing = new Set(
    (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name),
  );
  const prepared = Object.entries(indexes).map(async ([name, named]) => {
    const collection = db.collection(collections[name as keyof Collections].collectionName);
    // A transaction cannot make a collection that another has just made.
    if (!existing.has(collection.collectionName))
      await db.createCollection(collection.collectionName).catch(unlessThere);
    const wantedOf = Object.entries(named).map(([label, [key, more]]) => ({ ...more, key, name: label }));
    if (wantedOf.length > 0) await collection.createIndexes(wantedOf as IndexDescription[]);
  });
  await Promise.all(prepared);
  await setting.replaceOne({ _id: 'indexes' }, { value: wanted }, { upsert: true });
  await setting.replaceOne({ _id: 'format' }, { value: format }, { upsert: true });
}

const namespaceExists = 48;
/** Another server that starts at the same time may have been first. */
function unlessThere(error: unknown): void {
  if (!(error instanceof MongoError) || error.code !== namespaceExists) throw error;
}

async function share(
  client: MongoClient,
  collections: Collections,
  options: MongoStateOptions & { readonly isSharded: boolean },
): Promise<MongoState> {
  const { setting, resource, generation } = collections;
  const [secret, servers, [newest], [last]] = await Promise.all([
    setting.findOne({ _id: 'secret' }),
    setting.findOneAndUpdate(
      { _id: 'servers' },
      { $inc: { n: 1 } },
      { upsert: true, returnDocument: 'after' },
    ),
    resource
      .find({}, { projection: { w: 1 } })
      .sort({ u: -1, w: -1 })
      .limit(1)
      .toArray(),
    collections.journal
      .find({}, { projection: { _id: 1 } })
      .sort({ _id: -1 })
      .limit(1)
      .toArray(),
  ]);
  const part = (servers?.n ?? 0) % partsMax;
  // The writer slots of the server that had our number before are merged into one, under a new mark.
  const slots = await generation.find({ _id: { $regex: `^${part}\\.` } }).toArray();
  if (slots.length > 1)
    await mergeSlots(
      client,
      collections,
      slots.map(({ _id, g }) => ({ _id, types: Object.keys(g) })),
    );
  return new MongoState(client, collections, {
    ...options,
    secret: String(secret?.value),
    part,
    lastOrder: Math.max(newest?.w ?? 0, last?._id ?? 0),
  });
}

async function mergeSlots(
  client: MongoClient,
  { generation }: Collections,
  slots: readonly { readonly _id: string; readonly types: readonly string[] }[],
): Promise<void> {
  const mark = randomBytes(6).toString('base64url');
  const g = Object.fromEntries(slots.flatMap(({ types }) => types.map((type) => [type, mark])));
  await client.withSession((session) =>
    session.withTransaction(async () => {
      const [first, ...others] = slots;
      await generation.deleteMany({ _id: { $in: others.map(({ _id }) => _id) } }, { session });
      await generation.replaceOne({ _id: first?._id ?? '' }, { g }, { session });
    }),
  );
}
