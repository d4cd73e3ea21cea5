import { describe, expect, test } from '@jest/globals';
import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { parsePairs } from '../../src/search/parse.ts';
import type { Store } from '../../src/store/store.ts';

type Pairs = readonly (readonly [string, string])[];
/** What it shows, the type, the criteria, and the ids found in order of creation (or as sorted). */
export type Case = readonly [string, ResourceType, Pairs, readonly string[]];
export type Known = Resource & { id: string };

/** Leaves the types of resources to the compiler of the tests: minimal ones lack what does not matter. */
export const minimal = (resource: Record<string, unknown> & { resourceType: string; id: string }): Known =>
  resource as unknown as Known;

/** Writes resources in one transaction, in order. */
export const put = (store: Store, ...resources: Known[]): Promise<void> =>
  store.transaction(async (tx) => {
    for (const resource of resources) await tx.put(resource);
  });

/** The store that a contract is held against: empty for each test, or kept for tests that only read. */
export interface Subject {
  (): Store;
  readonly kind: string; // sqlite or mongodb
  /** The tests of a describe block share one store, filled once: call it in the block. They only read. */
  readonly keep: (fill: (store: Store) => Promise<unknown>) => void;
}

/** A table of searches over one chart: what is found, and the total of it. */
export function caseTable(
  name: string,
  store: Subject,
  chart: readonly Known[],
  cases: readonly Case[],
): void {
  describe(name, () => {
    store.keep((kept) => put(kept, ...chart));
    test.each(cases)('%s: %s %j', async (_, type, pairs, expected) => {
      const { matches } = await store().search(parsePairs(type, pairs));
      expect(matches.map(({ id }) => id)).toEqual(expected);
      const { total } = await store().search(parsePairs(type, [...pairs, ['_count', '0']]));
      expect(total).toBe(expected.length);
    });
  });
}
