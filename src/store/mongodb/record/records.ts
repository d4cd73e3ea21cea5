import { MongoError, type Filter } from 'mongodb';
import type { KeptRecord, Records } from '../../record.ts';
import type { RecordDocument } from '../connection/collections.ts';
import type { MongoState } from '../connection/mongoState.ts';

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
    removeGrant: (grant) => ask(async () => (await records.deleteMany({ g: grant })).deletedCount),
  };
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
