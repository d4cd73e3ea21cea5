import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Observation, Patient } from '@medplum/fhirtypes';
import { parsePairs } from '../../../src/search/parse.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

/** More than a list of ids takes: what chains, _has and words find is looked up candidate by candidate then. */
const many = 5200;
let store: Store;

const named = (i: number): Patient & { id: string } => ({
  resourceType: 'Patient',
  id: `p${i}`,
  gender: i % 2 === 0 ? 'male' : 'female',
  birthDate: `19${String(40 + (i % 60))}-01-${String(1 + (i % 28)).padStart(2, '0')}`,
  name: [{ family: i % 1000 === 0 ? 'Rare' : 'Common' }],
  ...(i % 3 === 0 ? { generalPractitioner: [{ reference: 'Practitioner/dr' }] } : {}),
});
const observed = (i: number): Observation & { id: string } => ({
  resourceType: 'Observation',
  id: `o${i}`,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '1-8' }], text: i % 2 === 0 ? 'even' : 'odd' },
  subject: { reference: `Patient/p${i}` },
  valueQuantity: { value: i },
});

beforeAll(async () => {
  store = await openStore(await emptyDatabase('many'), { now: () => new Date().toISOString() });
  for (let from = 0; from < many; from += 650)
    await store.transaction(async (tx) => {
      for (let i = from; i < from + 650; i++) {
        await tx.put(named(i), { fresh: true });
        await tx.put(observed(i), { fresh: true });
      }
    });
}, 300_000);
afterAll(() => store.close());

const total = async (
  type: 'Patient' | 'Observation',
  ...pairs: [string, string][]
): Promise<number | undefined> => (await store.search(parsePairs(type, [...pairs, ['_count', '0']]))).total;
const ids = async (type: 'Patient' | 'Observation', ...pairs: [string, string][]): Promise<string[]> =>
  (await store.search(parsePairs(type, pairs))).matches.map(({ id }) => id);

test('a chain through very many finds all of them, in order, page by page', async () => {
  const chain: [string, string] = ['patient.family', 'common'];
  expect(await total('Observation', chain)).toBe(many - 6);
  expect(await ids('Observation', chain, ['_count', '3'])).toEqual(['o1', 'o2', 'o3']);
  const { next = '' } = await store.search(parsePairs('Observation', [chain, ['_count', '999']]));
  expect(await ids('Observation', chain, ['_count', '3'], ['_cursor', next])).toEqual([
    'o1001',
    'o1002',
    'o1003',
  ]);
});

test('a chain through very many with other criteria, negated and sorted', async () => {
  expect(await total('Observation', ['patient.family', 'common'], ['value-quantity', 'lt100'])).toBe(99);
  expect(await total('Observation', ['_filter', 'not (patient.family eq "common")'])).toBe(6);
  expect(
    await ids('Observation', ['patient.family', 'common'], ['_sort', '-value-quantity'], ['_count', '2']),
  ).toEqual(['o5199', 'o5198']);
});

test('_has through very many', async () => {
  expect(await total('Patient', ['_has:Observation:patient:code', '1-8'])).toBe(many);
  expect(await total('Patient', ['_has:Observation:patient:code', '1-8'], ['gender', 'male'])).toBe(many / 2);
  expect(await ids('Patient', ['_has:Observation:subject:code', '1-8'], ['family', 'rare'])).toEqual(
    [0, 1, 2, 3, 4, 5].map((i) => `p${i * 1000}`),
  );
});

test('_has that only the last of very many meet, and one that a chain stands beside, page by page', async () => {
  const last: [string, string] = ['_has:Observation:patient:value-quantity', 'ge5100'];
  expect(await ids('Patient', last, ['_count', '3'])).toEqual(['p5100', 'p5101', 'p5102']);
  const pairs: [string, string][] = [
    ['_has:Observation:patient:code', '1-8'],
    ['gender', 'male'],
  ];
  const { next = '' } = await store.search(parsePairs('Patient', [...pairs, ['_count', '80']]));
  expect(await ids('Patient', ...pairs, ['_count', '2'], ['_cursor', next])).toEqual(['p160', 'p162']);
  const both = await ids(
    'Observation',
    ['patient.gender', 'male'],
    ['patient.family', 'common'],
    ['_count', '3'],
  );
  expect(both).toEqual(['o2', 'o4', 'o6']);
});

test('chains of chains through very many', async () => {
  expect(await total('Patient', ['_has:Observation:patient:patient.family', 'common'])).toBe(many - 6);
});

test('words of very many, and of what is written in the same transaction', async () => {
  expect(await total('Observation', ['_content', 'final'])).toBe(many);
  expect(await total('Observation', ['_content', 'final'], ['value-quantity', 'lt10'])).toBe(10);
  expect(await total('Observation', ['_content', 'od*'])).toBe(many / 2);
  expect(await ids('Observation', ['_content', '"loinc org 1 8 odd"'], ['_count', '2'])).toEqual([
    'o1',
    'o3',
  ]);
  const undo = new Error('undo');
  await expect(
    store.transaction(async (tx) => {
      await tx.put({ ...observed(1), code: { text: 'something new' } });
      const find = async (words: string): Promise<number | undefined> =>
        (
          await tx.search(
            parsePairs('Observation', [
              ['_content', words],
              ['_count', '0'],
            ]),
          )
        ).total;
      expect([await find('something'), await find('od*'), await find('final')]).toEqual([
        1,
        many / 2 - 1,
        many,
      ]);
      throw undo;
    }),
  ).rejects.toBe(undo);
});

test('texts beside codes are read and tested', async () => {
  expect(await total('Observation', ['code:text', 'OD'])).toBe(many / 2);
  expect(await total('Observation', ['code:text', 'od'], ['value-quantity', 'lt10'])).toBe(5);
});

test('a birth date within a month of very many is found by both of its ends', async () => {
  const within: [string, string][] = [
    ['birthdate', 'ge1950-01-05'],
    ['birthdate', 'lt1950-01-20'],
  ];
  const expected = Array.from({ length: many }, (_, i) => named(i)).filter(
    ({ birthDate = '' }) => birthDate >= '1950-01-05' && birthDate < '1950-01-20',
  );
  expect(await total('Patient', ...within)).toBe(expected.length);
});

test('a search is explained: what is asked first, each step with its plan and index', async () => {
  const query = parsePairs('Observation', [
    ['patient.family', 'rare'],
    ['code', '1-8'],
    ['_sort', 'date'],
  ]);
  const { store: name, steps } = await store.explain(query);
  expect(name).toBe('mongodb');
  expect(steps.map(({ index }) => index)).toEqual(['by_value', 'by_value']);
  expect(steps.every(({ plan }) => plan.includes('IXSCAN'))).toBe(true);
});
