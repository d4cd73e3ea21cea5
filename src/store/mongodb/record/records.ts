import { MongoBulkWriteError, MongoError, type Collection, type Filter } from 'mongodb';
import type { GatheredRecord, KeptRecord, RecordKey, Records } from '../../record.ts';
import type { RecordDocument } from '../connection/collections.ts';
import { within, type MongoState, type View } from '../connection/mongoState.ts';

const duplicateKey = 11_000;
const isTaken = (error: unknown): boolean => error instanceof MongoError && error.code === duplicateKey;
const last = '\u{10ffff}'; // no key has a character behind it

/** Records of a MongoDB store: each is one document, so that each call is atomic without a transaction. */
export function mongoRecords(state: MongoState, ask: <T>(call: () => Promise<T>) => Promise<T>): Records {
  const { record: records } = state.collections;
  const isThere = (): Filter<RecordDocument> => ({ $or: [{ e: null }, { e: { $gt: state.now() } }] });
  const at = (kind: string, key: string): Filter<RecordDocument> => ({ _id: { h: kind, k: key } });
  return {
    find: (kind, key) =>
      ask(async () => {
        const found = await records.findOne({ ...at(kind, key), ...isThere() });
        return found ? recordOf(found) : undefined;
      }),
    list: (kind, { count, after = '', prefix = '' }) =>
      ask(async () => {
        const first = after > prefix ? after : prefix;
        const found = await records
          .find({
            _id: {
              [after > prefix || after === prefix ? '$gt' : '$gte']: { h: kind, k: first },
              $lt: { h: kind, k: prefix + last },
            },
            ...isThere(),
          } as Filter<RecordDocument>)
          .sort({ _id: 1 })
          .limit(count)
          .toArray();
        return found.map(recordOf);
      }),
    keep: (record) =>
      ask(async () => {
        const { _id, ...fields } = documentOfRecord(record);
        const replace = () => records.replaceOne({ _id }, fields, { upsert: true });
        // Of two that find nothing at once, one inserts and the other finds it taken.
        await replace().catch((error: unknown) =>
          isTaken(error) ? replace() : Promise.reject(error as Error),
        );
      }),
    add: (record) =>
      ask(async () => {
        const document = documentOfRecord(record);
        const expired = { _id: document._id, e: { $ne: null, $lte: state.now() } };
        await records.deleteOne(expired);
        try {
          await records.insertOne(document);
          return true;
        } catch (error) {
          if (isTaken(error)) return false;
          throw error;
        }
      }),
    replace: (record, former) =>
      ask(async () => {
        const { _id, ...fields } = documentOfRecord(record);
        const { matchedCount } = await records.replaceOne({ _id, v: former, ...isThere() }, fields);
        return matchedCount === 1;
      }),
    remove: (kind, key) =>
      ask(async () => {
        const { deletedCount } = await records.deleteOne({ ...at(kind, key), ...isThere() });
        return deletedCount === 1;
      }),
    gather: (kind, given) => ask(() => gather(records, kind, given)),
    removeSome: (kind, count) => ask(() => removeSome(records, kind, count)),
    kinds: (prefix) => ask(() => kindsOf(records, prefix)),
    removeGrant: (grant) => ask(async () => (await records.deleteMany({ g: grant })).deletedCount),
  };
}

async function gather(
  records: Collection<RecordDocument>,
  kind: string,
  given: readonly GatheredRecord[],
): Promise<void> {
  const documents = given.map(({ key, value }) => documentOfRecord({ kind, key, value }));
  const taken = await insertAll(records, documents);
  if (taken.length === 0) return;
  await records.bulkWrite(taken.map(({ _id, v }) => ({ updateOne: { filter: { _id }, update: behind(v) } })));
}

async function removeSome(records: Collection<RecordDocument>, kind: string, count: number): Promise<number> {
  const some = await records
    .find(ofKind(kind), { projection: { _id: 1 } })
    .limit(count)
    .toArray();
  const ids = some.map(({ _id }) => _id);
  return ids.length === 0 ? 0 : (await records.deleteMany({ _id: { $in: ids } })).deletedCount;
}

/** Inserts what has a free key; answers what has none. */
async function insertAll(
  records: Collection<RecordDocument>,
  documents: readonly RecordDocument[],
): Promise<RecordDocument[]> {
  try {
    await records.insertMany([...documents], { ordered: false });
    return [];
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const faults = [error.writeErrors].flat();
    if (faults.some(({ code }) => code !== duplicateKey)) throw error;
    return faults.flatMap(({ index }) => documents[index] ?? []);
  }
}

/** Puts an array behind the one that is there: that one loses its last bracket, this one its first. */
const behind = (value: string) => [
  {
    $set: {
      v: {
        $concat: [
          { $substrCP: ['$v', 0, { $subtract: [{ $strLenCP: '$v' }, 1] }] },
          { $literal: `,${value.slice(1)}` },
        ],
      },
    },
  },
];

/** Every record of a kind, by the order of their ids. */
const ofKind = (kind: string): Filter<RecordDocument> => ({
  _id: { $gte: { h: kind, k: '' }, $lt: { h: kind, k: last } },
});

/** Each kind is found by one step in the index from the one before it. */
async function kindsOf(records: Collection<RecordDocument>, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for (let after = { h: prefix, k: '' }; ;) {
    const next = await records
      .find({ _id: { $gte: after, $lt: { h: prefix + last, k: '' } } } as Filter<RecordDocument>)
      .sort({ _id: 1 })
      .limit(1)
      .next();
    if (!next) return found;
    found.push(next._id.h);
    after = { h: next._id.h, k: last };
  }
}

/** The records of these keys that are there, in one question. */
export async function gathered(view: View, keys: readonly RecordKey[]): Promise<KeptRecord[]> {
  const ids = keys.map(({ kind, key }) => ({ h: kind, k: key }));
  const found = await view.state.collections.record.find({ _id: { $in: ids } }, within(view)).toArray();
  return found.map(recordOf);
}

export const recordOf = ({ _id: { h, k }, v, e, g }: RecordDocument): KeptRecord => ({
  kind: h,
  key: k,
  value: v,
  ...(e === null ? {} : { expires: e }),
  ...(g === undefined ? {} : { grant: g }),
});

export const documentOfRecord = ({ kind, key, value, expires, grant }: KeptRecord): RecordDocument => ({
  _id: { h: kind, k: key },
  v: value,
  e: expires ?? null,
  ...(grant === undefined ? {} : { g: grant }),
});
