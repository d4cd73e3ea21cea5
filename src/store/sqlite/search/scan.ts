import type { ResourceType } from '@medplum/fhirtypes';
import { candidatesOf, matcherOf, type Scanned } from '../../../search/residualFilter.ts';
import type { Criterion } from '../../../search/query.ts';
import { mentionsBuilding } from '../index/building.ts';
import type { Compiling } from './compile.ts';
import type { Condition } from './condition.ts';
import { piece } from './sqlFragment.ts';

/** A criterion that no index answers: what an index finds, where it does, and the test of the resource itself. */
export function scan(
  { shared }: Compiling,
  criterion: Scanned,
  compile: (type: ResourceType, criteria: readonly Criterion[]) => readonly Condition[],
): readonly Condition[] {
  const matches = matcherOf(criterion, shared);
  const asked = shared.scans.ask((resource) => (matches(resource) ? 1 : 0));
  const tested: Condition = { test: (at) => piece(asked(at)), cost: 3 };
  const where = candidatesOf(criterion, shared);
  const { type } = criterion.parameter;
  if (!where || mentionsBuilding(shared, type, where)) return [tested];
  return [...compile(type, [where]), tested];
}
