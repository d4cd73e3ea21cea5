import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Bundle, SearchParameter } from '@medplum/fhirtypes';
import { MongoClient } from 'mongodb';
import { openStore } from '../../../src/store/openStore.ts';
import { parsePairs } from '../../../src/search/parse.ts';
import { Registry } from '../../../src/search/registry.ts';
import type { Store } from '../../../src/store/store.ts';
import { emptyDatabase } from '../../mongodb/database.ts';
import { put, said, sent, testServer, type Reply, type TestServer } from '../../http/server.ts';

const now = (): string => new Date().toISOString();
const eyes: SearchParameter & { id: string } = {
  resourceType: 'SearchParameter',
  id: 'patient-eyes',
  url: 'https://example.org/SearchParameter/patient-eyes',
  name: 'Eyes',
  status: 'active',
  description: 'The colour of the eyes',
  code: 'eyes',
  base: ['Patient'],
  type: 'token',
  expression: "Patient.extension.where(url='https://example.org/eyes').value",
};
const person = (id: string, colour: string) => ({
  resourceType: 'Patient' as const,
  id,
  extension: [
    { url: 'https://example.org/eyes', valueCode: colour },
    { url: 'https://example.org/other', valueCode: `not-${colour}` },
  ],
});

let url: string;
let stores: Store[] = [];
const open = async (): Promise<Store> => {
  const store = await openStore(url, { now });
  stores.push(store);
  return store;
};
const server = async (): Promise<TestServer> => testServer({}, { store: await open() });

beforeEach(async () => {
  url = await emptyDatabase('servers');
  stores = [];
});
afterEach(() => Promise.all(stores.map((store) => store.close())));

const search = ({ http }: TestServer, query: string): Promise<Reply> =>
  sent(http.get(`/fhir/Patient?${query}`));
const ids = ({ body }: Reply): (string | undefined)[] =>
  ((body as Bundle).entry ?? []).map(({ resource }) => resource?.id);

/** Asks until what answers is no refusal that it does not know the parameter, or has no complete index of it. */
async function answered(at: TestServer, query: string): Promise<Reply> {
  for (;;) {
    const reply = await search(at, query);
    if (reply.status === 200) return reply;
    expect(['index-building', 'unknown-parameter']).toContain(said(reply)[0]?.code);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a SearchParameter stored through one server is served by the other, with what both write all the while', async () => {
  const [one, other] = [await server(), await server()];
  await one.load(person('old', 'green'));
  const ending = new AbortController();
  const written: string[] = ['old'];
  const writing = (async () => {
    for (let i = 0; !ending.signal.aborted; i++) {
      await put((i % 2 === 0 ? other : one).http, person(`p${i}`, 'green'));
      written.push(`p${i}`);
    }
  })();
  expect((await put(one.http, eyes)).status).toBe(201);
  for (const at of [one, other, one, other]) {
    const before = [...written];
    const found = ids(await answered(at, 'eyes=green&_count=1000'));
    expect(before.filter((id) => !found.includes(id))).toEqual([]);
  }
  ending.abort();
  await writing;
  expect(ids(await search(one, 'eyes=green&_count=1000')).sort()).toEqual(written.sort());
});

test('what one server takes back, the other serves no longer: no answer is part of one', async () => {
  const [one, other] = [await server(), await server()];
  await put(one.http, eyes);
  await one.load(person('a', 'green'));
  expect(ids(await answered(other, 'eyes=green'))).toEqual(['a']);
  const expression = "Patient.extension.where(url='https://example.org/other').value";
  expect((await put(one.http, { ...eyes, expression })).status).toBe(200);
  await one.load(person('b', 'green'));
  // The former meaning found both, the new one finds none; a mixture of them is wrong.
  for (;;) {
    const reply = await search(other, 'eyes=green');
    if (reply.status !== 200) {
      expect(said(reply)[0]?.code).toBe('index-building');
    } else if (ids(reply).length === 0) break;
    else expect(ids(reply)).toEqual(['a', 'b']);
  }
  expect(ids(await answered(other, 'eyes=not-green'))).toEqual(['a', 'b']);
  expect((await sent(one.http.delete('/fhir/SearchParameter/patient-eyes'))).status).toBe(204);
  await one.load(person('c', 'green'));
  for (;;) {
    const reply = await search(other, 'eyes=not-green');
    if (reply.status === 200) expect(ids(reply)).toEqual(['a', 'b', 'c']);
    else if (said(reply)[0]?.code === 'unknown-parameter') break;
    else expect(said(reply)[0]?.code).toBe('index-building');
  }
});

test('an index is complete only while every server writes it: one that does not know the parameter is waited for', async () => {
  const registry = new Registry();
  registry.define({ type: 'Patient', code: 'eyes', kind: 'token', expression: eyes.expression ?? '' });
  const knowing = await openStore(url, { now, registry });
  stores.push(knowing);
  const query = parsePairs('Patient', [['eyes', 'green']], { registry });
  expect((await knowing.search(query)).matches).toEqual([]);
  const ignorant = await open();
  await ignorant.transaction((tx) => tx.put(person('a', 'green')));
  await expect(knowing.search(query)).rejects.toMatchObject({ status: 400 });
  await ignorant.close();
  stores.pop();
  for (;;) {
    const found = await knowing.search(query).catch(() => undefined);
    if (found) {
      expect(found.matches.map(({ id }) => id)).toEqual(['a']);
      break;
    }
    await knowing.buildIndex();
  }
});

test('a server that was struck off enters anew before it writes', async () => {
  const store = await open();
  const client = await MongoClient.connect(url);
  try {
    const servers = client.db().collection('server');
    await servers.deleteMany({});
    for (let i = 0; (await servers.countDocuments()) === 0; i++) await new Promise((r) => setTimeout(r, 50));
    await store.transaction((tx) => tx.put(person('a', 'green')));
    expect(await servers.countDocuments()).toBe(1);
    await store.close();
    stores.pop();
    expect(await servers.countDocuments()).toBe(0);
  } finally {
    await client.close();
  }
});
