import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes';
import { parsePairs } from '../../../src/search/parse.ts';
import { openStore } from '../../../src/store/openStore.ts';
import type { Store } from '../../../src/store/store.ts';
import { emptyDatabase } from '../../mongodb/database.ts';

/** More than a list of ids takes: what canonical URLs lead to is looked up candidate by candidate then. */
const many = 5200;
let store: Store;

const urlOf = (i: number): string => `http://example.org/Questionnaire/q${i}`;
const form = (i: number): Questionnaire & { id: string } => ({
  resourceType: 'Questionnaire',
  id: `q${i}`,
  url: urlOf(i),
  version: '1',
  status: i % 1000 === 0 ? 'draft' : 'active',
  title: `Form ${i}`,
});
/** Every second names the version, every fourth one that is not there. */
const answered = (i: number): QuestionnaireResponse & { id: string } => ({
  resourceType: 'QuestionnaireResponse',
  id: `r${i}`,
  status: 'completed',
  questionnaire: `${urlOf(i)}${i % 4 === 0 ? '|2' : i % 2 === 0 ? '|1#page' : ''}`,
});

beforeAll(async () => {
  store = await openStore(await emptyDatabase('manycanonicals'), { now: () => new Date().toISOString() });
  for (let from = 0; from < many; from += 650)
    await store.transaction(async (tx) => {
      for (let i = from; i < from + 650; i++) {
        await tx.put(form(i), { fresh: true });
        await tx.put(answered(i), { fresh: true });
      }
    });
}, 300_000);
afterAll(() => store.close());

type Type = 'Questionnaire' | 'QuestionnaireResponse';
const total = async (type: Type, ...pairs: [string, string][]): Promise<number | undefined> =>
  (await store.search(parsePairs(type, [...pairs, ['_count', '0']]))).total;
const ids = async (type: Type, ...pairs: [string, string][]): Promise<string[]> =>
  (await store.search(parsePairs(type, pairs))).matches.map(({ id }) => id);

const found = (many / 4) * 3;

test('chains through very many', async () => {
  expect(await total('QuestionnaireResponse', ['questionnaire.status', 'active,draft'])).toBe(found);
  expect(await total('QuestionnaireResponse', ['questionnaire.status:not', 'draft'])).toBe(found);
  const pairs: [string, string][] = [
    ['questionnaire.status', 'active'],
    ['_count', '3'],
  ];
  expect(await ids('QuestionnaireResponse', ...pairs)).toEqual(['r1', 'r2', 'r3']);
  expect(await ids('QuestionnaireResponse', ...pairs, ['_sort', '-_id'])).toEqual(['r999', 'r998', 'r997']);
  expect(await total('QuestionnaireResponse', ['_filter', 'not (questionnaire.status eq "active")'])).toBe(
    many - found,
  );
});

test('_has through very many', async () => {
  const back: [string, string] = ['_has:QuestionnaireResponse:questionnaire:status', 'completed'];
  expect(await total('Questionnaire', back)).toBe(found);
  expect(await ids('Questionnaire', back, ['_count', '3'])).toEqual(['q1', 'q2', 'q3']);
  expect(await ids('Questionnaire', back, ['_sort', '-title'], ['_count', '3'])).toEqual([
    'q999',
    'q998',
    'q997',
  ]);
});

test('a page includes all that it names, and is included', async () => {
  const include: [string, string][] = [
    ['_include', 'QuestionnaireResponse:questionnaire'],
    ['_count', '1000'],
  ];
  expect((await store.search(parsePairs('QuestionnaireResponse', include))).included.length).toBe(750);
  const back: [string, string][] = [
    ['_revinclude', '*'],
    ['_count', '1000'],
  ];
  expect((await store.search(parsePairs('Questionnaire', back))).included.length).toBe(750);
});
