import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Context } from '../../src/interaction/context.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { testContext } from '../context.ts';
import { casesOf } from './oracle/cases.ts';
import { chainCases, hasCases, linksOf } from './oracle/linkCases.ts';
import { definitions } from './oracle/definitions.ts';
import { examples, fill, found } from './oracle/exampleStore.ts';
import { Oracle, type Pair } from './oracle/oracle.ts';

/** The official examples, searched by every parameter that applies to them; the results are the oracle's. */
const long = process.env['CLAIMWRIGHT_TEST_LONG'] !== undefined;
const base = 'http://127.0.0.1:8080/fhir';
const now = Date.now();

let context: Context;
let oracle: Oracle;
let types: string[];
beforeAll(async () => {
  context = await testContext();
  const stored = await fill(context.store, examples(long ? Infinity : 30));
  oracle = new Oracle(stored, { base, now });
  types = [...new Set(stored.map(({ resourceType }) => resourceType))].sort();
}, 600_000);
afterAll(() => context.store.close());

/** What a search answers otherwise than the oracle; undefined when both say the same. */
async function difference(type: string, pairs: readonly Pair[]): Promise<string | undefined> {
  const query = `${type}?${pairs.map((pair) => pair.join('=')).join('&')}`;
  const expected = oracle.search(type, pairs);
  let ids: string[];
  try {
    ids = await found(context.store, type, pairs, { base, now });
  } catch (error) {
    return `${query}: ${String(error)}`;
  }
  if (JSON.stringify(ids) === JSON.stringify(expected)) return undefined;
  const more = ids.filter((id) => !expected.includes(id)).slice(0, 3);
  const less = expected.filter((id) => !ids.includes(id)).slice(0, 3);
  return `${query}: wrongly found ${more.join()}; missed ${less.join()}`;
}

test('each parameter finds what the oracle finds', async () => {
  const differences: string[] = [];
  let searches = 0;
  for (const type of types) {
    for (const parameter of definitions().get(type)?.values() ?? []) {
      if (parameter.kind === 'special') continue;
      for (const pair of casesOf(parameter, oracle.of(type), { base, values: long ? 6 : 2 })) {
        searches += 1;
        const differs = await difference(type, [pair]);
        if (differs !== undefined) differences.push(differs);
      }
    }
  }
  expect(differences.slice(0, 100)).toEqual([]);
  expect(searches).toBeGreaterThan(20_000);
}, 1_800_000);

test('chains and _has over each reference find what the oracle finds', async () => {
  const links = linksOf(oracle, types, base);
  const most = long ? 4 : 2;
  const differences: string[] = [];
  let searches = 0;
  for (const link of links) {
    const asked = [
      ...chainCases(link, links, base, most).map((pair) => [link.source, pair] as const),
      ...hasCases(link, links, oracle, most).map((pair) => [link.type, pair] as const),
    ];
    for (const [type, pair] of asked) {
      searches += 1;
      const differs = await difference(type, [pair]);
      if (differs !== undefined) differences.push(differs);
    }
  }
  expect(differences.slice(0, 100)).toEqual([]);
  expect(searches).toBeGreaterThan(4_000);
}, 1_800_000);

test('_include and _revinclude add what the oracle adds', async () => {
  const links = linksOf(oracle, types, base);
  for (const { source, parameter, type } of links) {
    const code = `${source}:${parameter.code}`;
    const expected = new Set(oracle.of(source).flatMap((r) => oracle.included(r, parameter.code)));
    const forward = await included(source, [['_include', code]]);
    expect([code, forward]).toEqual([code, [...expected].filter((n) => !n.startsWith(`${source}/`)).sort()]);
    const typed = await included(source, [['_include', `${code}:${type}`]]);
    expect(typed).toEqual(forward.filter((name) => name.startsWith(`${type}/`)));
    const back = await included(type, [['_revinclude', code]]);
    const referring = oracle.of(source).filter((r) => oracle.included(r, parameter.code, type).length > 0);
    const names = referring.map((r) => `${source}/${r.id ?? ''}`).sort();
    expect([code, back]).toEqual([code, source === type ? [] : names]);
  }
}, 600_000);

/** What a search of a whole type adds to its matches, over all pages; what is of that type too may be a match. */
async function included(type: string, pairs: readonly Pair[]): Promise<string[]> {
  const names = new Set<string>();
  let cursor: string | undefined;
  do {
    const paging: Pair[] = cursor === undefined ? [] : [['_cursor', cursor]];
    const asked = [...pairs, ['_count', '1000'] as const, ...paging];
    const page = await context.store.search(parsePairs(type as ResourceType, asked, { base }));
    for (const row of page.included) if (row.type !== type) names.add(`${row.type}/${row.id}`);
    cursor = page.next;
  } while (cursor !== undefined);
  return [...names].sort();
}
