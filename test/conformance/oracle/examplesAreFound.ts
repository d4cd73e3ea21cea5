import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Store } from '../../../src/store/store.ts';
import { parsePairs } from '../../../src/search/parse.ts';
import { isLong } from '../../runs.ts';
import { casesOf } from './cases.ts';
import { chainCases, hasCases, linksOf, type Link } from './linkCases.ts';
import { definitions } from './definitions.ts';
import { examples, fill, found, isMany } from './exampleStore.ts';
import { examplesAreFoundOtherwise } from './examplesAreFoundOtherwise.ts';
import { Oracle, type Pair } from './oracle.ts';

const base = 'http://127.0.0.1:8080/fhir';
const now = Date.now();

/** How much is asked: values of a parameter, criteria behind a link, and of what comes of them, every how manyth. */
export interface Extent {
  readonly definitions: number; // resources of each type of definition
  readonly values: number;
  readonly inner: number;
  readonly every: number;
}
const whole: Extent = { definitions: Infinity, values: 3, inner: 3, every: 1 };

/** The official examples, searched by every parameter that applies to them; the results are the oracle's. */
export function examplesAreFound(name: string, open: () => Promise<Store>, some: Extent): void {
  const extent = isLong ? whole : some;
  let store: Store;
  let oracle: Oracle;
  let types: string[];
  let links: Link[];
  beforeAll(async () => {
    store = await open();
    const stored = await fill(store, examples(extent.definitions));
    oracle = new Oracle(stored, { base, now });
    types = [...new Set(stored.map(({ resourceType }) => resourceType))].sort();
    links = linksOf(oracle, types);
  }, 1_200_000);
  afterAll(() => store.close());

  describe(name, () => {
    examplesAreFoundOtherwise(() => ({ store, oracle, types, links, now }), extent);

    test('each parameter finds what the oracle finds', async () => {
      const asked = types.flatMap((type) =>
        [...(definitions().get(type)?.values() ?? [])]
          .filter(({ kind }) => kind !== 'special')
          .flatMap((parameter) => casesOf(parameter, oracle.of(type), { base, values: extent.values }))
          .map((pair) => [type, pair] as const),
      );
      await agree(asked, 25_000);
    }, 1_800_000);

    test('chains and _has over each reference find what the oracle finds', async () => {
      const asked = links.flatMap((link) => [
        ...chainCases(link, links, base, extent.inner).map((pair) => [link.source, pair] as const),
        ...hasCases(link, links, oracle, extent.inner).map((pair) => [link.type, pair] as const),
      ]);
      await agree(asked, 5_000);
    }, 1_800_000);

    test('_include and _revinclude add what the oracle adds', async () => {
      for (const { source, parameter, type } of links.filter((_, i) => i % extent.every === 0)) {
        const code = `${source}:${parameter.code}`;
        const expected = new Set(oracle.of(source).flatMap((r) => oracle.included(r, parameter.code)));
        const forward = await included(source, [['_include', code]]);
        expect([code, forward]).toEqual([
          code,
          [...expected].filter((n) => !n.startsWith(`${source}/`)).sort(),
        ]);
        const typed = await included(source, [['_include', `${code}:${type}`]]);
        expect(typed).toEqual(forward.filter((one) => one.startsWith(`${type}/`)));
        const back = await included(type, [['_revinclude', code]]);
        const referring = oracle
          .of(source)
          .filter((r) => oracle.included(r, parameter.code, type).length > 0);
        const names = referring.map((r) => `${source}/${r.id ?? ''}`).sort();
        expect([code, back]).toEqual([code, source === type ? [] : names]);
      }
    }, 1_800_000);
  });

  /** Asks every how manyth of the searches; there must be at least so many of them. */
  async function agree(all: readonly (readonly [type: string, pair: Pair])[], least: number): Promise<void> {
    const differences: string[] = [];
    const asked = all.filter(([type], i) => i % (extent.every * (isMany(oracle.of(type)) ? 10 : 1)) === 0);
    for (const [type, pair] of asked) {
      const differs = await difference(type, pair);
      if (differs !== undefined) differences.push(differs);
    }
    expect(differences.slice(0, 100)).toEqual([]);
    expect(all.length).toBeGreaterThan(least);
  }

  /** What a search answers otherwise than the oracle; undefined when both say the same. */
  async function difference(type: string, pair: Pair): Promise<string | undefined> {
    const query = `${type}?${pair.join('=')}`;
    const expected = oracle.search(type, [pair]);
    let ids: string[];
    try {
      ids = await found(store, type, [pair], { base, now });
    } catch (error) {
      return `${query}: ${String(error)}`;
    }
    if (JSON.stringify(ids) === JSON.stringify(expected)) return undefined;
    const more = ids.filter((id) => !expected.includes(id)).slice(0, 3);
    const less = expected.filter((id) => !ids.includes(id)).slice(0, 3);
    return `${query}: wrongly found ${more.join()}; missed ${less.join()}`;
  }

  /** What a search of a whole type adds to its matches, over all pages; what is of that type too may be a match. */
  async function included(type: string, pairs: readonly Pair[]): Promise<string[]> {
    const names = new Set<string>();
    let cursor: string | undefined;
    do {
      const paging: Pair[] = cursor === undefined ? [] : [['_cursor', cursor]];
      const asked = [...pairs, ['_count', '1000'] as const, ...paging];
      const page = await store.search(parsePairs(type as ResourceType, asked, { base }));
      for (const row of page.included) if (row.type !== type) names.add(`${row.type}/${row.id}`);
      cursor = page.next;
    } while (cursor !== undefined);
    return [...names].sort();
  }
}
