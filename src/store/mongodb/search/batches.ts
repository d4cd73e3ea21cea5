import type { Document } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Chain, Has, SearchQuery } from '../../../search/query.ts';
import { canonicalKeysOf, counterparts } from './canonical.ts';
import type { ResourceDocument } from '../connection/collections.ts';
import { compileCriteria, leadsAnyInside } from './compile.ts';
import { namedMatch, namingMatch } from './naming.ts';
import type { Position } from './cursor.ts';
import { referenceText } from '../index/fields.ts';
import { foundOf, rowFields, type Found } from './found.ts';
import { stopper } from './lookup.ts';
import { isOfOneChart } from './isOfOneChart.ts';
import { numberText } from '../index/parameterNumber.ts';
import { within, type MongoState, type View } from '../connection/mongoState.ts';
import { keyOfSearch } from './total.ts';
import { pipelineOf, type Compiled } from './compiled.ts';
import { all, any, never, type Match } from './match.ts';
import { placesOf } from './place.ts';

/** The most resources at the other end that are asked for as a list; with more, the candidates of a page are tested. */
const listMax = { chain: 1500, has: 64 };
/** Least and greatest size of a batch, and how many candidates are tested before another plan is used. */
const batchMin = 50;
const batchMax = 1000;
const testedMax = 3000;

type Candidate = Pick<ResourceDocument, '_id' | 'o' | 'x'>;
/** Selects the candidates that meet a chain or _has. */
type Test = (view: View, candidates: readonly Candidate[]) => Promise<readonly Candidate[]>;

/** The other end of a chain or _has: its type and criteria. */
interface End {
  readonly type: ResourceType;
  readonly compiled: Compiled;
}

/** A search whose candidates are read in order and tested in batches against other resources. */
export interface Batches {
  readonly candidates: Compiled;
  readonly ends: readonly End[];
  readonly tests: readonly Test[];
  readonly isByReference: boolean; // a test looks at what candidates refer to
  readonly key: string; // of what is remembered about it
  readonly wide: ReadonlySet<number>;
}

/** How a search by chains or _has, without _sort, is answered; undefined for any other. */
export async function batchesOf(view: View, query: SearchQuery): Promise<Batches | undefined> {
  const joins = query.filters.filter((one): one is Chain | Has => one.op === 'chain' || one.op === 'has');
  if (joins.length === 0 || query.sort.length > 0) return undefined;
  const chains = joins.filter((join) => join.op === 'chain');
  if (view.session) return (await isAnyInside(view, chains)) ? undefined : joined(view, query, joins);
  const [isInside, made] = await Promise.all([isAnyInside(view, chains), joined(view, query, joins)]);
  return isInside ? undefined : made;
}

/**
 * Whether a resource may meet a chain by a contained resource, which has to be tested one by one. A transaction asks one
 * thing after another: the first of several at once would begin it twice.
 */
async function isAnyInside(view: View, chains: readonly Chain[]): Promise<boolean> {
  if (view.session) {
    for (const chain of chains) if (await leadsAnyInside(view, chain)) return true;
    return false;
  }
  const asked = await Promise.all(chains.map((chain) => leadsAnyInside(view, chain)));
  return asked.includes(true);
}

async function joined(
  view: View,
  query: SearchQuery,
  joins: readonly (Chain | Has)[],
): Promise<Batches | undefined> {
  const others = query.filters.filter(({ op }) => op !== 'chain' && op !== 'has');
  const outer = await compileCriteria(view, query.type, others);
  if (outer.stages.length > 0) return undefined;
  const lists: Match[] = [];
  const key = keyOfSearch(query);
  const before = view.state.tried.get(key);
  const wide = new Set<number>();
  const isNarrow = isOfOneChart(others);
  const [ends, tests]: [End[], Test[]] = [[], []];
  for (const [i, join] of joins.entries()) {
    const inner = await endsOf(view, join);
    const isListed = !isNarrow && before?.wide.has(i) !== true;
    const found = isListed ? await listOf(view, query.type, join, inner) : undefined;
    if (found) lists.push(found);
    else {
      if (!isNarrow) wide.add(i);
      ends.push(...inner);
      tests.push(
        join.op === 'chain'
          ? chainTest(view.state, join, inner)
          : hasTest(view.state, query.type, join, inner),
      );
    }
  }
  const candidates = { ...outer, match: all([outer.match, ...lists]) };
  const isByReference = joins.some(
    ({ op, parameter }) => op === 'chain' || canonicalKeysOf(view.state, parameter, query.type) !== undefined,
  );
  return { candidates, ends, tests, isByReference, key, wide };
}

async function endsOf(view: View, join: Chain | Has): Promise<End[]> {
  const ways = join.op === 'chain' ? join.targets : [{ type: join.source, filters: join.filters }];
  const ends: End[] = [];
  for (const { type, filters } of ways) {
    const compiled = await compileCriteria(view, type, filters);
    if (compiled.match !== never && compiled.late !== never) ends.push({ type, compiled });
  }
  return ends;
}

/** The resources at the other end of a chain or _has as a match; undefined where they are more than a list takes. */
async function listOf(
  view: View,
  candidates: ResourceType,
  join: Chain | Has,
  ends: readonly End[],
): Promise<Match | undefined> {
  const ways: Match[] = [];
  let left = listMax[join.op];
  for (const { type, compiled } of ends) {
    const isById = join.op === 'chain' && !canonicalKeysOf(view.state, join.parameter, type);
    const fields = isById ? { _id: 1 } : { x: 1 };
    const found = await view.state.collections.resource
      .aggregate<Candidate>([...pipelineOf(compiled), { $limit: left + 1 }, { $project: fields }], {
        batchSize: left + 1,
        ...within(view),
      })
      .toArray();
    left -= found.length;
    if (left < 0) return undefined;
    ways.push(
      join.op === 'chain'
        ? namingMatch(view.state, join.parameter, { type, found })
        : namedMatch(view.state, join.parameter, { type: candidates, found }),
    );
  }
  return any(ways);
}

function chainTest(state: MongoState, { parameter }: Chain, ends: readonly End[]): Test {
  const ways = ends.map(({ type, compiled }) => ({
    compiled,
    keys: canonicalKeysOf(state, parameter, type),
    start: `/${type}/`,
    tails: placesOf(parameter)
      .filter(({ target }) => target === undefined || target === type)
      .map(({ no }) => `>${numberText(no)}`),
  }));
  return async (view, candidates) => {
    const met = new Set<Candidate>();
    for (const { compiled, keys, start, tails } of ways) {
      const named = new Map<string, Candidate[]>();
      for (const candidate of candidates)
        for (const text of candidate.x ?? []) {
          const end = text.startsWith(start) && tails.find((one) => text.endsWith(one));
          if (end) list(named, text.slice(1, -end.length)).push(candidate);
        }
      const found = await those(view, { _id: { $in: [...named.keys()] } }, compiled);
      for (const { _id } of found) for (const candidate of named.get(_id) ?? []) met.add(candidate);
      if (!keys) continue;
      const byKey = new Map<string, Candidate[]>();
      for (const candidate of candidates)
        for (const text of counterparts(candidate.x, keys.naming, keys.named))
          list(byKey, text).push(candidate);
      for (const candidate of await having(view, byKey, compiled)) met.add(candidate);
    }
    return candidates.filter((candidate) => met.has(candidate));
  };
}

function hasTest(state: MongoState, type: ResourceType, { parameter }: Has, ends: readonly End[]): Test {
  const keys = canonicalKeysOf(state, parameter, type);
  return async (view, candidates) => {
    const named = new Map<string, Candidate[]>();
    for (const candidate of candidates) {
      for (const { no, target } of placesOf(parameter))
        if (target === undefined || candidate._id.startsWith(`${target}/`))
          list(named, referenceText(no, candidate._id)).push(candidate);
      if (keys)
        for (const text of counterparts(candidate.x, keys.named, keys.naming))
          list(named, text).push(candidate);
    }
    const met = new Set<Candidate>();
    for (const { compiled } of ends)
      for (const candidate of await having(view, named, compiled)) met.add(candidate);
    return candidates.filter((candidate) => met.has(candidate));
  };
}

/** The candidates, by entry, whose entry a resource that meets the criteria has. */
async function having(
  view: View,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
  compiled: Compiled,
): Promise<readonly Candidate[]> {
  if (candidates.size === 0) return [];
  const found = await those(view, { x: { $in: [...candidates.keys()] } }, compiled);
  return found.flatMap(({ x = [] }) => x.flatMap((text) => candidates.get(text) ?? []));
}

const list = <K, V>(map: Map<K, V[]>, key: K): V[] => {
  const known = map.get(key) ?? [];
  map.set(key, known);
  return known;
};

/** The named resources that meet criteria: found by name, then tested. */
function those(view: View, named: Document, { match, stages, late }: Compiled): Promise<Candidate[]> {
  const pipeline = [
    { $match: named },
    stopper,
    { $match: match },
    ...stages,
    { $match: late },
    { $project: { x: 1 } },
  ];
  return view.state.collections.resource.aggregate<Candidate>(pipeline, within(view)).toArray();
}

/** The rows of a page and one more, by first creation; undefined where too few of very many candidates meet the tests. */
export async function pageInBatches(
  view: View,
  query: SearchQuery,
  { candidates, tests, isByReference, key, wide }: Batches,
  position: Position | undefined,
): Promise<Found[] | undefined> {
  if (candidates.match === never || candidates.late === never) return [];
  const limit = query.count + 1;
  const found: Candidate[] = [];
  const sizeOf = (share: number): number =>
    Math.min(batchMax, Math.max(batchMin, Math.ceil(((limit - found.length) / share) * 1.3)));
  const known = view.state.tried.get(key)?.share;
  let [beyond, tested] = [position?.order ?? 0, 0];
  let size = known === undefined ? Math.max(batchMin, 2 * limit) : sizeOf(known);
  while (found.length < limit) {
    const rows = await view.state.collections.resource
      .find(all([candidates.match, { o: { $gt: beyond } }]), {
        projection: { o: 1, ...(isByReference ? { x: 1 } : {}) },
        ...within(view),
      })
      .sort({ o: 1 })
      .limit(size)
      .toArray();
    let left: readonly Candidate[] = rows;
    for (const test of tests) if (left.length > 0) left = await test(view, left);
    found.push(...left);
    tested += rows.length;
    view.state.tried.set(key, { wide, share: Math.max(found.length, 1) / Math.max(tested, 1) });
    if (rows.length < size) break;
    if (found.length < limit && tested > testedMax) return undefined;
    beyond = rows.at(-1)?.o ?? beyond;
    size = sizeOf(Math.max(found.length, 1) / tested);
  }
  return versionsOf(view, found.slice(0, limit));
}

async function versionsOf(view: View, found: readonly Candidate[]): Promise<Found[]> {
  if (found.length === 0) return [];
  const rows = await view.state.collections.resource
    .find(
      { _id: { $in: found.map(({ _id }) => _id) } },
      { projection: { ...rowFields, t: 1 }, ...within(view) },
    )
    .toArray();
  return rows
    .filter(({ t }) => t !== undefined) // deleted meanwhile
    .sort((one, other) => one.o - other.o)
    .map((row) => foundOf(row));
}
