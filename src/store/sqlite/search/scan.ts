import type { ResourceType } from '@medplum/fhirtypes';
import { insideCandidates, testOf, typesInside, type HoldOptions } from '../../../search/holds.ts';
import { candidatesOf, type Scanned } from '../../../search/residualFilter.ts';
import type { Chain, Criterion, Filter } from '../../../search/query.ts';
import { resourceOf } from '../../version.ts';
import type { Shared } from '../connection/sqliteState.ts';
import { current } from '../history/read.ts';
import { mentionsBuilding } from '../index/building.ts';
import type { Compiling } from './compiling.ts';
import { every, never, type Condition } from './condition.ts';
import { placesOf } from './place.ts';
import { sqlFragment } from './sqlFragment.ts';

type Compile = (type: ResourceType, criteria: readonly Criterion[]) => readonly Condition[];

/** A criterion that no index answers: what an index finds, where it does, and the test of the resource itself. */
export function scan({ shared }: Compiling, criterion: Scanned, compile: Compile): readonly Condition[] {
  const tested = test(shared, criterion);
  const where = candidatesOf(criterion, shared);
  const { type } = criterion.parameter;
  if (!where || mentionsBuilding(shared, type, where)) return [tested];
  return [...compile(type, [where]), tested];
}

/** A chain into what is contained in the candidates; never where nothing contained is referred to. */
export function inside({ shared }: Compiling, chain: Chain, compile: Compile): Condition {
  const where = insideCandidates(shared.registry, chain);
  if (!where || !isAny(shared, typesInside(shared.registry, chain))) return never;
  return every([...compile(chain.parameter.type, [where]), test(shared, chain)]);
}

function test(shared: Shared, criterion: Scanned | Chain): Condition {
  const matches = testOf(criterion, optionsOf(shared));
  const asked = shared.scans.ask((resource) => (matches(resource) ? 1 : 0));
  return { test: (at) => sqlFragment(asked(at)), cost: 3 };
}

const optionsOf = (shared: Shared): HoldOptions => ({
  registry: shared.registry,
  base: shared.base,
  find: (type, id) => {
    const row = current(shared, type, id);
    return row && !row.deleted ? resourceOf(row) : undefined;
  },
});

/** True when some resource has one of these codes. */
const isAny = ({ database, names }: Shared, { parameter, values }: Filter): boolean =>
  placesOf(names, parameter).some(({ no }) =>
    values.some(
      ({ code = '' }) =>
        database.get('SELECT 1 FROM token WHERE parameter = ? AND code = ? LIMIT 1', no, code) !== undefined,
    ),
  );
