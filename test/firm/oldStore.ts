import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { BSON, MongoClient, type Document, type IndexDescription } from 'mongodb';

/** The store that commit 3be6450 wrote; script/makeOldStore.ts says how. */
const fixture = (end: string): Buffer =>
  gunzipSync(readFileSync(new URL(`../fixture/store-3be6450.${end}.gz`, import.meta.url)));

export function layOldFile(file: string): void {
  writeFileSync(file, fixture('db'));
}

/** Makes a database exactly that, with the indexes it had. */
export async function layOldDatabase(url: string): Promise<void> {
  const client = await MongoClient.connect(url);
  const db = client.db();
  await db.dropDatabase();
  const documents = new Map<string, Document[]>();
  for (const line of fixture('jsonl').toString().split('\n')) {
    const [name = '', text = ''] = line.split(/\t(.*)/s);
    if (!text.startsWith('#')) {
      const of = documents.get(name) ?? [];
      of.push(BSON.EJSON.parse(text, { relaxed: false }) as Document);
      documents.set(name, of);
      continue;
    }
    await db.createCollection(name).catch(() => undefined); // it may be there
    const indexes = (JSON.parse(text.slice(1)) as (IndexDescription & { v?: number })[]).filter(
      (index) => index.name !== '_id_',
    );
    if (indexes.length > 0)
      await db.collection(name).createIndexes(indexes.map(({ v: _v, ...index }) => index));
  }
  for (const [name, of] of documents) await db.collection(name).insertMany(of);
  await client.close();
}
