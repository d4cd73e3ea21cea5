import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePairs } from '../../src/search/parse.ts';
import type { Store } from '../../src/store/store.ts';
import { runsOn } from '../runs.ts';
import type { Subject } from './caseTable.ts';
import { searches, worlds, type World } from './graphCases.ts';

/** Resources that refer to each other are found as a naive reading of the specification finds them. */
export function graphContract(store: Subject): void {
  test('generated chains, _has, composites, units and filters find what a naive reading finds', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.array(searches, { minLength: 20, maxLength: 20 }), async (world, asked) => {
        await renew(store(), world);
        for (const { type, criteria } of asked) {
          const pairs = criteria.map(({ name, value }) => [name, value] as const);
          const { matches } = await store().search(parsePairs(type, pairs));
          const expected = world
            .filter((node) => node.resourceType === type && criteria.every(({ holds }) => holds(node, world)))
            .map(({ id }) => id);
          expect({ type, pairs, ids: matches.map(({ id }) => id).sort() }).toEqual({
            type,
            pairs,
            ids: expected.sort(),
          });
        }
      }),
      { numRuns: runsOn(store.kind, { usual: 40, long: 200 }) },
    );
  });
}

/** These resources and no others. */
async function renew(store: Store, world: World): Promise<void> {
  await store.transaction(async (tx) => {
    for (const type of ['Organization', 'Patient', 'Observation'] as const) {
      const old = await tx.search({ ...parsePairs(type, []), count: 1000 });
      for (const { id } of old.matches) if (!world.some((node) => node.id === id)) await tx.delete(type, id);
    }
    for (const node of world) await tx.put({ ...node });
  });
}
