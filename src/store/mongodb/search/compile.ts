import type { Document } from 'mongodb';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Chain, Criterion, FullText, Has, SearchQuery } from '../../../search/query.ts';
import { leadsInside } from '../../../search/contained.ts';
import { insideCandidates, typesInside } from '../../../search/holds.ts';
import { candidatesOf, residualFilterOf, type ResidualFilter } from '../../../search/residualFilter.ts';
import { canonicalKeysOf, counterpartStage } from './canonical.ts';
import type { ResourceDocument } from '../connection/collections.ts';
import { filterMatch } from './criterion.ts';
import { fieldOf, lookedUp, namedTexts, stopper } from './lookup.ts';
import { numberText } from '../index/parameterNumber.ts';
import { datesTogether } from '../kind/date.ts';
import { dateKeyMatch, plainly } from './dateKeyMatch.ts';
import { asksCompoundKeys } from '../index/compoundKey.ts';
import { namedMatch, namingMatch } from './naming.ts';
import { dueWords, indexWords, wordsMatch } from './fullText.ts';
import { idsMax, scan, tooMany } from './scan.ts';
import type { Compiled } from './compiled.ts';
import { within, type View } from '../connection/mongoState.ts';
import { all, always, any, idsMatch, never, not, type KeyLookup, type Match } from './match.ts';
import { placesOf } from './place.ts';

/** Criteria on other resources are asked for as a list of at most this length; above it, candidate by candidate. */
const listMax = 5000;
const shortList = 200;

/** Called with each query that is run before the page, for explain. */
export type Told = (what: string, compiled: Compiled) => Promise<void>;

export const compileSearch = (view: View, query: SearchQuery, told?: Told): Promise<Compiled> =>
  compile({ view, ...(told ? { told } : {}) }, query.type, query.filters);

/** Compiles criteria without a query. */
export const compileCriteria = (
  view: View,
  type: ResourceType,
  criteria: readonly Criterion[],
): Promise<Compiled> => compile({ view }, type, criteria);

interface Compiling {
  readonly view: View;
  readonly told?: Told;
}

/** The state of compiling: where stages are added, and what its resources have to match in any case. */
interface Place extends Compiling {
  readonly type: ResourceType;
  readonly stages: Document[];
  readonly base: Match;
  readonly lookup: KeyLookup;
}

async function compile(
  compiling: Compiling,
  type: ResourceType,
  criteria: readonly Criterion[],
): Promise<Compiled> {
  const stages: Document[] = [];
  const early: Match[] = [];
  const late: Match[] = [];
  const dates = datesTogether(criteria);
  const lookup = plainly(compiling.view, type);
  const { match: calendar, compound } = dateKeyMatch(compiling.view, type, dates.byNumber, dates.others);
  // Criteria without an index come last, so that only what meets the others is read for them.
  early.push(calendar, ...dates.matches);
  const isLast = (criterion: Criterion): boolean =>
    leavesOf(criterion).some((leaf) => leaf.op === 'chain' || residualFilterOf(leaf));
  for (const criterion of [...dates.others.filter((c) => !isLast(c)), ...dates.others.filter(isLast)]) {
    const before = stages.length;
    const base = all(early);
    const match =
      base === never
        ? never
        : compound && criterion.op === 'filter' && asksCompoundKeys(criterion)
          ? filterMatch(criterion, compound)
          : await criterionMatch({ ...compiling, type, stages, base, lookup }, criterion);
    (stages.length > before ? late : early).push(match);
  }
  const match = all(early);
  return { match: match === never ? never : living(type, match), stages, late: all(late) };
}

const leavesOf = (criterion: Criterion): readonly Criterion[] => {
  if (criterion.op === 'not') return leavesOf(criterion.criterion);
  return criterion.op === 'and' || criterion.op === 'or' ? criterion.criteria.flatMap(leavesOf) : [criterion];
};

/** Adds the type, unless an entry looked up by its whole value implies it: that index is in the order of creation. */
const living = (type: ResourceType, match: Match): Match =>
  saysType(match) ? match : { t: type, ...('t' in match ? { $and: [match] } : match) };
const saysType = (match: Match): boolean =>
  Object.entries(match).some(
    ([key, value]) =>
      key === 'x' ||
      (key === '$and' && (value as Match[]).some(saysType)) ||
      (key === '$or' && (value as Match[]).every(saysType)),
  );

async function criterionMatch(place: Place, criterion: Criterion): Promise<Match> {
  const residual = residualFilterOf(criterion);
  if (residual) return residualMatch(place, residual);
  switch (criterion.op) {
    case 'filter':
      return filterMatch(criterion, place.lookup);
    case 'chain':
      return chainMatch(place, criterion);
    case 'has':
      return hasMatch(place, criterion);
    case 'not':
      return not(await criterionMatch(place, criterion.criterion));
    case 'and':
    case 'or': {
      const matches: Match[] = [];
      for (const one of criterion.criteria) matches.push(await criterionMatch(place, one));
      return criterion.op === 'and' ? all(matches) : any(matches);
    }
    case 'text':
    case 'content':
      return fullTextMatch(place, criterion);
    case 'composite':
      throw new Error('a composite is scanned');
  }
}

async function residualMatch(place: Place, criterion: ResidualFilter): Promise<Match> {
  const indexed = candidatesOf(criterion, place.view.state);
  return testedMatch(place, criterion, indexed ? await criterionMatch(place, indexed) : always);
}

/** Whether any resource refers, through a chain's parameter, to a contained resource of a type that it may lead to. */
export async function leadsAnyInside(view: View, chain: Chain): Promise<boolean> {
  const { registry, collections } = view.state;
  if (!leadsInside(chain.parameter)) return false;
  const some = filterMatch(typesInside(registry, chain), plainly(view, chain.parameter.type));
  return (await collections.resource.findOne(some, { projection: { _id: 1 }, ...within(view) })) !== null;
}

/** A chain to resources contained in the candidates. */
async function insideMatch(place: Place, chain: Chain): Promise<Match> {
  const indexed = insideCandidates(place.view.state.registry, chain);
  if (!indexed || !(await leadsAnyInside(place.view, chain))) return never;
  return testedMatch(place, chain, filterMatch(indexed, place.lookup));
}

/** Candidates that an index finds, each read and tested. */
async function testedMatch(place: Place, criterion: ResidualFilter | Chain, indexed: Match): Promise<Match> {
  const { view, type, told, base } = place;
  const match = all([base, indexed]);
  if (match === never) return never;
  const candidates = living(type, match);
  await told?.(`${type} read and tested by ${criterion.parameter.code}`, {
    match: candidates,
    stages: [],
    late: always,
  });
  return idsMatch(await scan(view, candidates, criterion));
}

async function fullTextMatch({ view, stages }: Place, criterion: FullText): Promise<Match> {
  if (view.session?.inTransaction() !== true) await indexWords(view);
  const { due, met } = await dueWords(view, criterion);
  const words = wordsMatch(criterion);
  const found = await view.state.collections.word
    .find(words, { projection: { _id: 1 }, ...within(view) })
    .limit(listMax + 1)
    .toArray();
  if (found.length <= listMax) {
    const late = new Set(due);
    return idsMatch([...met, ...found.flatMap(({ _id }) => (late.has(_id) ? [] : [_id]))]);
  }
  const field = fieldOf(stages);
  stages.push({
    $lookup: {
      from: 'word',
      localField: '_id',
      foreignField: '_id',
      pipeline: [stopper, { $match: words }, { $project: { _id: 1 } }],
      as: field,
    },
  });
  const indexed = due.length === 0 ? { [field]: { $ne: [] } } : { [field]: { $ne: [] }, _id: { $nin: due } };
  return any([indexed, idsMatch(met)]);
}

/** The number of values in the lists of a match. */
function listsIn(match: unknown): number {
  if (typeof match !== 'object' || match === null || match instanceof RegExp) return 0;
  if (Array.isArray(match)) return match.reduce<number>((sum, one) => sum + listsIn(one), 0);
  return Object.entries(match).reduce(
    (sum, [key, value]) => sum + (key === '$in' ? (value as unknown[]).length : listsIn(value)),
    0,
  );
}

/** The ids of what was compiled, or undefined when there are more than a list takes. */
async function listed(
  { view, told }: Compiling,
  what: string,
  compiled: Compiled,
  fields: Document,
): Promise<ResourceDocument[] | undefined> {
  if (compiled.match === never || compiled.late === never) return [];
  await told?.(what, compiled);
  // A match with long lists is not sent again for each candidate.
  const limit = listsIn([compiled.match, compiled.stages, compiled.late]) > shortList ? idsMax : listMax;
  const pipeline: Document[] = [
    { $match: compiled.match },
    ...compiled.stages,
    { $match: compiled.late },
    { $limit: limit + 1 },
    { $project: fields },
  ];
  const found = await view.state.collections.resource
    .aggregate<ResourceDocument>(pipeline, { batchSize: listMax + 1, ...within(view) })
    .toArray();
  if (found.length > idsMax) throw tooMany(what);
  return found.length > listMax && limit === listMax ? undefined : found;
}

const elsewhere = ({ view, told }: Place): Compiling => ({ view, ...(told ? { told } : {}) });

async function chainMatch(place: Place, chain: Chain): Promise<Match> {
  const { parameter, targets } = chain;
  const ways: Match[] = [];
  for (const { type, filters } of targets) {
    const compiled = await compile(elsewhere(place), type, filters);
    const places = placesOf(parameter).filter(({ target }) => target === undefined || target === type);
    const keys = canonicalKeysOf(place.view.state, parameter, type);
    const what = `${type} that ${parameter.type}.${parameter.code} may name`;
    const found = await listed(place, what, compiled, keys ? { _id: 1, x: 1 } : { _id: 1 });
    if (!found) {
      ways.push(
        lookedUp(place.stages, compiled, {
          localField: 'x',
          texts: namedTexts(places, type),
          foreignField: '_id',
        }),
      );
      if (keys)
        ways.push(
          lookedUp(place.stages, compiled, {
            localField: 'x',
            texts: counterpartStage(keys.naming, keys.named),
            foreignField: 'x',
          }),
        );
      continue;
    }
    ways.push(namingMatch(place.view.state, parameter, { type, found }));
  }
  return any([...ways, await insideMatch(place, chain)]);
}

async function hasMatch(place: Place, { source, parameter, filters }: Has): Promise<Match> {
  const keys = canonicalKeysOf(place.view.state, parameter, place.type);
  const compiled = await compile(elsewhere(place), source, filters);
  const places = placesOf(parameter);
  const found = await listed(place, `${source} whose ${parameter.code} may name it`, compiled, { x: 1 });
  if (!found) {
    const texts = {
      $map: { input: places.map(({ no }) => `>${numberText(no)}`), in: { $concat: ['/', '$_id', '$$this'] } },
    };
    const literally = lookedUp(place.stages, compiled, { localField: '_id', texts, foreignField: 'x' });
    if (!keys) return literally;
    const named = counterpartStage(keys.named, keys.naming);
    return any([
      literally,
      lookedUp(place.stages, compiled, { localField: 'x', texts: named, foreignField: 'x' }),
    ]);
  }
  return namedMatch(place.view.state, parameter, { type: place.type, found });
}
