import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Observation, Patient } from '@medplum/fhirtypes';
import { MongoClient } from 'mongodb';
import { parsePairs } from '../../../src/search/parse.ts';
import { shipped } from '../../../src/search/registry.ts';
import { openStore } from '../../../src/store/openStore.ts';
import { datedTypes, compoundDateOf } from '../../../src/store/mongodb/index/compoundKey.ts';
import { parameterNumber } from '../../../src/store/mongodb/index/parameterNumber.ts';
import type { Store } from '../../../src/store/store.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

const now = (): string => new Date().toISOString();
let url: string;
let client: MongoClient;
let stores: Store[] = [];
const open = async (): Promise<Store> => {
  const store = await openStore(url, { now });
  stores.push(store);
  return store;
};

beforeEach(async () => {
  url = await emptyDatabase('aided');
  client = await MongoClient.connect(url);
  stores = [];
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await client.close();
});

type Pairs = readonly (readonly [string, string])[];
type Dated = Pick<Observation, 'effectiveDateTime' | 'effectivePeriod' | 'effectiveTiming'>;

const dates: readonly Dated[] = [
  { effectiveDateTime: '2021-02-27T23:59:59.999Z' },
  { effectiveDateTime: '2021-02-28' },
  { effectiveDateTime: '2021-03-01T00:00:00Z' },
  { effectiveDateTime: '2021-03-01T23:30:00-05:00' },
  { effectiveDateTime: '2021-03-07' },
  { effectiveDateTime: '2021-03-08' },
  { effectiveDateTime: '2021-03' },
  { effectiveDateTime: '2021' },
  { effectiveDateTime: '1969-12-31T23:59:59Z' },
  { effectivePeriod: { start: '2021-03-01T22:00:00Z', end: '2021-03-02T04:00:00Z' } },
  { effectivePeriod: { start: '2021-02-01', end: '2021-03-04' } },
  { effectivePeriod: { start: '2021-03-05' } },
  { effectivePeriod: { end: '2021-03-01' } },
  { effectiveTiming: { event: ['2020-01-01', '2021-03-03'] } },
  {},
];
const observations = dates.flatMap((date, i) =>
  ['a', 'b'].map((code): Observation & { id: string } => ({
    resourceType: 'Observation',
    id: `${code}${i}`,
    status: 'final',
    code: { coding: [{ system: i % 3 === 0 ? 'http://other' : 'http://codes', code }] },
    performer: [{ reference: i % 2 === 0 ? 'Organization/one' : 'Practitioner/two' }],
    ...date,
  })),
);
const families = ['Xu', 'Xue', 'X', 'Müller', 'Mull', 'Mulligan', 'Mueller', '𝒳𝒴𝒵𝒲A', '𝒳𝒴𝒵', 'x u'];
const patients = families.map((family, i): Patient & { id: string } => ({
  resourceType: 'Patient',
  id: `p${i}`,
  name: [{ family }],
  birthDate: ['1950', '1950-06', '1950-06-15', '1951-01-01'][i % 4] ?? '',
}));
const fill = (store: Store): Promise<unknown> =>
  store.transaction(async (tx) => {
    for (const resource of [...observations, ...patients]) await tx.put(resource);
  });

const ranges: readonly Pairs[] = [
  [['date', 'ge2021-03-01'], ['date', 'lt2021-03-08']], // prettier-ignore
  [['date', '2021-03']],
  [['date', '2021-03-01']],
  [['date', 'ge2021-03-01T00:00:00Z'], ['date', 'le2021-03-01T00:00:00Z']], // prettier-ignore
  [['date', 'sa2021-02-28'], ['date', 'eb2021-03-08']], // prettier-ignore
  [['date', 'gt2021-03-01'], ['date', 'lt2021-03-02']], // prettier-ignore
  [['date', '2021-02-28,2021-03-07']],
  [['date', 'ge2021-03-08'], ['date', 'lt2021-03-01']], // prettier-ignore
  [['date', 'ge2020-01-01'], ['date', 'lt2022-01-01']], // prettier-ignore
  [['date', 'ge1960-01-01'], ['date', 'lt1971-01-01']], // prettier-ignore
  [['date', 'ne2021-03-01']],
  [['date', 'lt2021-03-01']],
  [['date', 'ge2021-03-01']],
];
const besides: readonly Pairs[] = [
  [],
  [['code', 'a']],
  [['code', 'http://codes|a,http://other|b']],
  [['code:not', 'a']],
  [['code', 'http://codes|']],
  [['performer', 'Organization/one']],
  [['performer', 'Practitioner/two,Organization/one'], ['status', 'final']], // prettier-ignore
  [['code:missing', 'true']],
];
const searches: readonly (readonly ['Observation' | 'Patient', Pairs])[] = [
  ...ranges.flatMap((range) =>
    besides.map((beside): readonly ['Observation', Pairs] => ['Observation', [...beside, ...range]]),
  ),
  ...['Xu', 'xue', 'x', 'mull', 'müll', 'mullig', 'mu', 'mue', '𝒳𝒴𝒵𝒲', '𝒳𝒴', '𝒳', 'x u', 'xu,mull'].flatMap(
    (text): (readonly ['Patient', Pairs])[] => [
      ['Patient', [['family', text]]],
      ['Patient', [['family:exact', text]]],
      ['Patient', [['family', text], ['birthdate', '1950']]], // prettier-ignore
    ],
  ),
  ['Patient', [['birthdate', '1950']]],
  ['Patient', [['birthdate', 'ge1950-06-01'], ['birthdate', 'le1950-06-30']]], // prettier-ignore
];

/** What is found with the entries that aid, and without: inside of a transaction. */
async function both(store: Store): Promise<readonly [string[], string[]]> {
  const found: [string[], string[]] = [[], []];
  await store.transaction(async (tx) => {
    for (const [type, pairs] of searches) {
      const query = { ...parsePairs(type, pairs), count: 1000 };
      const text = (ids: string[]): string => `${type}?${pairs.map(String).join('&')}: ${ids.join()}`;
      found[0].push(text((await store.search(query)).matches.map(({ id }) => id)));
      found[1].push(text((await tx.search(query)).matches.map(({ id }) => id)));
    }
  });
  return found;
}

test('days and beginnings stand for parameters that there are', () => {
  expect(datedTypes.length).toBeGreaterThan(5);
  for (const type of datedTypes) {
    const served = shipped.indexedOf(type).filter(({ kind }) => kind === 'date').map(parameterNumber); // prettier-ignore
    expect(served).toContain(compoundDateOf(type));
  }
});

test('what is found by days and beginnings is what is found without them', async () => {
  const store = await open();
  await fill(store);
  const [aided, unaided] = await both(store);
  expect(aided).toEqual(unaided);
  expect(new Set(unaided).size).toBe(searches.length);
  // The first of March, by a moment and by a night that begins on it.
  expect(
    await client
      .db()
      .collection('resource')
      .countDocuments({ x: /^@\w+\.18687 \w+\.a$/ }),
  ).toBe(2);
});

test('a store of an earlier version is searched without them until they are built, and is built beside the work', async () => {
  const first = await open();
  await fill(first);
  const [aided] = await both(first);
  await first.close();
  stores.pop();
  const resource = client.db().collection<{ x: string[] }>('resource');
  const isEarlier = { $pull: { x: /^@|^\w+~/ as unknown as string } };
  const { modifiedCount } = await resource.updateMany({}, isEarlier);
  expect(modifiedCount).toBeGreaterThan(20);
  const setting = client.db().collection<{ _id: string; value: Record<string, string> }>('setting');
  const parameters = await setting.findOne({ _id: 'parameters' });
  const value = Object.fromEntries(
    Object.entries(parameters?.value ?? {}).filter(([name]) => !name.endsWith('_aiding')),
  );
  await setting.updateOne({ _id: 'parameters' }, { $set: { value }, $inc: { n: 1 } });
  const store = await open();
  expect((await both(store))[0]).toEqual(aided);
  await store.buildIndex();
  expect(await store.building()).toEqual([]);
  expect((await both(store))[0]).toEqual(aided);
  expect(await resource.countDocuments({ x: /^@/ })).toBeGreaterThan(20);
});
