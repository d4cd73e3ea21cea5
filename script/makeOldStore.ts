import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { BSON, MongoClient } from 'mongodb';

/**
 * Writes test/fixture/store-COMMIT.db.gz and test/fixture/store-COMMIT.jsonl.gz: a store as an earlier commit wrote it,
 * on SQLite and on MongoDB. The demo practice, billed; a resource in three versions, one that was deleted, and a stored
 * SearchParameter. To run with a checkout of that commit and its packages, and a database that may be emptied:
 *
 *   git worktree add ../old COMMIT && (cd ../old && npm ci)
 *   node script/makeOldStore.ts COMMIT ../old mongodb://127.0.0.1:27017/old?replicaSet=rs0
 */
const [commit = '', checkout = '', database = ''] = process.argv.slice(2);
if (database === '') throw new Error('node script/makeOldStore.ts COMMIT CHECKOUT mongodb://HOST/DATABASE');

interface OldStore {
  transaction(work: (tx: OldTransaction) => Promise<unknown>): Promise<unknown>;
  close(): Promise<void>;
}
interface OldTransaction {
  put(resource: object): Promise<unknown>;
  delete(type: string, id: string): Promise<unknown>;
}
interface OldContext {
  readonly store: OldStore;
  readonly defined?: { readonly built: Promise<void> };
}

/** What the checkout exports; nothing here knows its types. */
const ofCheckout = (path: string): Promise<Record<string, (...values: unknown[]) => Promise<unknown>>> =>
  import(pathToFileURL(resolve(checkout, path)).href) as Promise<
    Record<string, (...values: unknown[]) => Promise<unknown>>
  >;

async function write(url: string): Promise<void> {
  const { openContext } = await ofCheckout('src/command/openContext.ts');
  const { seed } = await ofCheckout('src/command/seed.ts');
  const { readConfig } = await ofCheckout('src/config.ts');
  const context = (await openContext?.(await readConfig?.({ CLAIMWRIGHT_STORE: url }))) as OldContext;
  await seed?.(context);
  const patient = (active: boolean, family: string): object => ({
    resourceType: 'Patient',
    id: 'old-patient',
    active,
    name: [{ family, given: ['Ida'] }],
    telecom: [{ system: 'email', value: 'Ida.Old@Clinic.Example' }],
  });
  const put = (resource: object): Promise<unknown> => context.store.transaction((tx) => tx.put(resource));
  for (const version of [patient(true, 'First'), patient(false, 'First'), patient(true, "O'Brien")])
    await put(version);
  await put({ resourceType: 'Patient', id: 'gone' });
  await context.store.transaction((tx) => tx.delete('Patient', 'gone'));
  await put({
    ...{ resourceType: 'SearchParameter', id: 'old-parameter', url: 'https://example.org/old-parameter' },
    ...{ name: 'OldParameter', status: 'active', description: 'where a patient lives', code: 'old-city' },
    ...{ base: ['Patient'], type: 'string', expression: 'Patient.address.city' },
  });
  await context.defined?.built;
  await context.store.close();
}

const target = (end: string): string =>
  new URL(`../test/fixture/store-${commit}.${end}`, import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'claimwright-old-'));
const file = join(folder, 'store.db');
await write(`sqlite:${file}`);
const sqlite = new DatabaseSync(file);
sqlite.exec('VACUUM');
sqlite.close();
writeFileSync(target('db.gz'), gzipSync(readFileSync(file), { level: 9 }));
rmSync(folder, { recursive: true });

const client = await MongoClient.connect(database);
await client.db().dropDatabase();
await write(database);
const lines: string[] = [];
for (const { name } of await client.db().listCollections({}, { nameOnly: true }).toArray()) {
  const documents = await client.db().collection(name).find({}, { promoteValues: false }).toArray();
  if (name !== 'server')
    for (const document of documents)
      lines.push(`${name}\t${BSON.EJSON.stringify(document, { relaxed: false })}`);
  const indexes = await client.db().collection(name).indexes();
  lines.push(`${name}\t#${JSON.stringify(indexes)}`);
}
await client.db().dropDatabase();
await client.close();
writeFileSync(target('jsonl.gz'), gzipSync(lines.join('\n'), { level: 9 }));
