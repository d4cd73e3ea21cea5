import type { ResourceType } from '@medplum/fhirtypes';
import { insideCandidates, testOf, typesInside, type HoldOptions } from '../../../search/holds.ts';
import { candidatesOf, type ResidualFilter } from '../../../search/residualFilter.ts';
import type { Chain, Criterion, Filter } from '../../../search/query.ts';
import { resourceOf } from '../../version.ts';
import type { SqliteState } from '../connection/sqliteState.ts';
import { current } from '../history/read.ts';
import { mentionsBuilding } from '../index/building.ts';
import type { Compiling } from './compiling.ts';
import { every, never, type Condition } from './condition.ts';
import { placesOf } from './place.ts';
import { sqlFragment } from './sqlFragment.ts';

type Compile = (type: ResourceType, criteria: readonly Criterion[]) => readonly Condition[];

/** A criterion that no index answers: what an index finds, where it does, and the test of the resource itself. */
export function scan(
  { state }: Compiling,
  criterion: ResidualFilter,
  compile: Compile,
): readonly Condition[] {
  const tested = test(state, criterion);
  const where = candidatesOf(criterion, state);
  const { type } = criterion.parameter;
  if (!where || mentionsBuilding(state, type, where)) return [tested];
  return [...compile(type, [where]), tested];
}

/** A chain into what is contained in the candidates; never where nothing contained is referred to. */
export function inside({ state }: Compiling, chain: Chain, compile: Compile): Condition {
  const where = insideCandidates(state.registry, chain);
  if (!where || !isAny(state, typesInside(state.registry, chain))) return never;
  return every([...compile(chain.parameter.type, [where]), test(state, chain)]);
}

function test(state: SqliteState, criterion: ResidualFilter | Chain): Condition {
  const matches = testOf(criterion, optionsOf(state));
  const asked = state.scans.ask((resource) => (matches(resource) ? 1 : 0));
  return { test: (at) => sqlFragment(asked(at)), cost: 3 };
}

const optionsOf = (state: SqliteState): HoldOptions => ({
  registry: state.registry,
  base: state.base,
  find: (type, id) => {
    const row = current(state, type, id);
    return row && !row.deleted ? resourceOf(row) : undefined;
  },
});

/** True when some resource has one of these codes. */
const isAny = ({ database, names }: SqliteState, { parameter, values }: Filter): boolean =>
  placesOf(names, parameter).some(({ no }) =>
    values.some(
      ({ code = '' }) =>
        database.get('SELECT 1 FROM token WHERE parameter = ? AND code = ? LIMIT 1', no, code) !== undefined,
    ),
  );
