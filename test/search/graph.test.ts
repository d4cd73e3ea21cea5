import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePairs } from '../../src/search/parse.ts';
import { candidatesOf } from '../../src/search/residualFilter.ts';
import type { Criterion } from '../../src/search/query.ts';
import { searches, worlds } from '../contract/graphCases.ts';
import { evaluate } from './evaluate.ts';

test('generated chains, _has, composites, units and filters mean what a naive reading means', () => {
  fc.assert(
    fc.property(worlds, fc.array(searches, { minLength: 10, maxLength: 10 }), (world, asked) => {
      for (const { type, criteria } of asked) {
        const pairs = criteria.map(({ name, value }) => [name, value] as const);
        const { filters } = parsePairs(type, pairs);
        for (const node of world.filter(({ resourceType }) => resourceType === type)) {
          const is = filters.every((one) => evaluate(one, node, world));
          expect({ pairs, node, is }).toEqual({
            pairs,
            node,
            is: criteria.every(({ holds }) => holds(node, world)),
          });
          for (const one of filters) if (evaluate(one, node, world)) expectCandidate(one, node, world);
        }
      }
    }),
    { numRuns: 60 },
  );
});

/** Whatever meets a criterion that is tested on the resource itself is among its candidates. */
function expectCandidate(
  criterion: Criterion,
  node: Parameters<typeof evaluate>[1],
  world: Parameters<typeof evaluate>[2],
): void {
  const isScanned =
    criterion.op === 'composite' || (criterion.op === 'filter' && criterion.parameter.unindexed === true);
  const candidates = isScanned ? candidatesOf(criterion) : undefined;
  if (candidates) expect(evaluate(candidates, node, world)).toBe(true);
}
