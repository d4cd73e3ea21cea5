import type { Criterion, Include, SearchQuery } from '../../../search/query.ts';
import {
  canonicalsOf,
  includedMax,
  referred,
  referringCanonically,
  tooManyIncluded,
  versionName,
} from '../../included.ts';
import type { SearchPage, Stored } from '../../store.ts';
import { keyTexts } from './canonical.ts';
import { storedFields, storedOf } from '../connection/collections.ts';
import { referenceSpan, referenceText } from '../index/fields.ts';
import { byReferences, byVersions } from '../history/read.ts';
import { within, type View } from '../connection/mongoState.ts';
import { any, type Match } from './match.ts';
import { placesOf } from './place.ts';

/** References looked up in one query. */
const atOnce = 500;
/** Entries of canonical URLs looked up in one query. */
const textsAtOnce = 5000;

/** A page that is being filled, and how a store is searched: for what may be included where not all may. */
interface Page {
  readonly matches: readonly Stored[];
  readonly search: (view: View, query: SearchQuery) => Promise<SearchPage>;
}

/** What _include and _revinclude add to a page: current resources, each once, none that is a match. */
export async function includedOf(
  view: View,
  query: SearchQuery,
  { matches, search }: Page,
): Promise<Pick<SearchPage, 'included' | 'versions'>> {
  let { include, revinclude } = query;
  const admitted = admission(view, query, search);
  const seen = new Set(matches.map(versionName));
  const asked = new Set(matches.map(referenceOf)); // as they are now
  const versions: Stored[] = [];
  const included: Stored[] = [];
  for (let from = matches; from.length > 0 && include.length + revinclude.length > 0;) {
    const added: Stored[] = [];
    const add = (stored: Stored): void => {
      if (seen.has(versionName(stored))) return;
      if (included.length + added.length >= includedMax) throw tooManyIncluded();
      seen.add(versionName(stored));
      added.push(stored);
    };
    const known = { size: seen.size, admitted };
    const named = await namedVersions(view, include, from);
    if (query.admits)
      versions.push(...named); // they are judged by themselves
    else named.forEach(add);
    (await admitted(await namedBy(view, include, from, { ...known, asked }))).forEach(add);
    for (const one of revinclude) (await naming(view, one, from, known)).forEach(add);
    included.push(...added);
    from = added;
    // What was included is asked again only by those that iterate.
    include = include.filter(({ iterate }) => iterate);
    revinclude = revinclude.filter(({ iterate }) => iterate);
  }
  return versions.length === 0 ? { included } : { included, versions };
}

const referenceOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type}/${id}`;

/** The versions that references name. */
async function namedVersions(
  view: View,
  include: readonly Include[],
  from: readonly Stored[],
): Promise<Stored[]> {
  const named = from
    .flatMap((row) => referred(include, row, view.state))
    .filter(({ version }) => version !== undefined && !Number.isNaN(version));
  const found: Stored[] = [];
  for (let i = 0; i < named.length; i += atOnce)
    found.push(...(await byVersions(view, named.slice(i, i + atOnce))));
  return found;
}

async function namedBy(
  view: View,
  include: readonly Include[],
  from: readonly Stored[],
  known: Known & { readonly asked: Set<string> },
): Promise<Stored[]> {
  if (include.length === 0) return [];
  const named = from.flatMap((row) => referred(include, row, view.state));
  const plain = new Set(named.filter(({ version }) => version === undefined).map(referenceOf));
  const references = [...plain.difference(known.asked)];
  for (const reference of references) known.asked.add(reference);
  const found: Stored[] = [];
  for (let i = 0; i < references.length; i += atOnce)
    found.push(...(await byReferences(view, references.slice(i, i + atOnce))));
  const canonicals = from.flatMap((row) => canonicalsOf(include, row, view.state));
  const texts = new Set(canonicals.flatMap(({ key, addresses }) => keyTexts(addresses, key)));
  found.push(...(await havingOne(view, [...texts], known)));
  return found;
}

/** The resources that have some of these entries, by first creation. */
async function havingOne(view: View, texts: readonly string[], known: Known): Promise<Stored[]> {
  const found: Stored[] = [];
  for (let i = 0; i < texts.length; i += textsAtOnce)
    found.push(...(await matching(view, { x: { $in: texts.slice(i, i + textsAtOnce) } }, known)));
  return found;
}

type Admission = (rows: readonly Stored[]) => Promise<readonly Stored[]>;

/** How many are on the page already, so that one row too many is seen and not all there are; and which may be on it. */
interface Known {
  readonly size: number;
  readonly admitted: Admission;
}

/** By first creation; where rows are left out, those behind them take their places. */
async function matching(view: View, match: Match, { size, admitted }: Known): Promise<Stored[]> {
  const limit = includedMax + size + 1;
  const found: Stored[] = [];
  for (let last = 0; ;) {
    const rows = await view.state.collections.resource
      .find(last === 0 ? match : { $and: [match, { o: { $gt: last } }] }, {
        projection: { ...storedFields, o: 1 },
        ...within(view),
      })
      .sort({ o: 1 })
      .limit(limit)
      .toArray();
    found.push(...(await admitted(rows.map((row) => storedOf(row._id, row.v, row)))));
    if (rows.length < limit || found.length >= limit) return found;
    last = rows.at(-1)?.o ?? last;
  }
}

/** Takes those that may be included; all where the query admits all. */
function admission(view: View, { admits }: SearchQuery, search: Page['search']): Admission {
  if (!admits) return (rows) => Promise.resolve(rows);
  return async (rows) => {
    const kept = new Set<Stored>();
    for (const [type, ofType] of Map.groupBy(rows, (row) => row.type)) {
      const criteria = admits(type);
      if (criteria?.length === 0) for (const row of ofType) kept.add(row);
      const own = view.state.registry.parametersOf(type).get('_id');
      if (!criteria || criteria.length === 0 || !own) continue;
      for (let i = 0; i < ofType.length; i += atOnce) {
        const some = new Map(ofType.slice(i, i + atOnce).map((row) => [row.id, row]));
        const ids = [...some.keys()].map((id) => ({ text: id, code: id }));
        const filters: Criterion[] = [{ op: 'filter', parameter: own, values: ids }, ...criteria];
        const query = {
          type,
          filters,
          sort: [],
          count: ids.length,
          total: 'none',
          include: [],
          revinclude: [],
        } as const;
        for (const { id } of (await search(view, query)).matches) {
          const row = some.get(id);
          if (row) kept.add(row);
        }
      }
    }
    return rows.filter((row) => kept.has(row));
  };
}

/** Those that refer to some of these through what a _revinclude names, by first creation. */
async function naming(view: View, include: Include, to: readonly Stored[], known: Known): Promise<Stored[]> {
  const found: Stored[] = [];
  for (let i = 0; i < to.length; i += atOnce) {
    const match = referringMatch(include, to.slice(i, i + atOnce));
    if (match) found.push(...(await matching(view, match, known)));
  }
  const texts = to.flatMap((one) => {
    const { parameters, keys } = referringCanonically(include, one, view.state);
    return keys.flatMap((key) => keyTexts(parameters, key));
  });
  return [...found, ...(await havingOne(view, [...new Set(texts)], known))];
}

function referringMatch({ source, parameter, target }: Include, to: readonly Stored[]): Match | undefined {
  const named = to.filter(({ type }) => target === undefined || target === type);
  if (named.length === 0) return undefined;
  if (!parameter) {
    const ofAny = named.map((one) => {
      const [from, until] = referenceSpan(referenceOf(one));
      return { x: { $elemMatch: { $gte: from, $lt: until } } };
    });
    return { ...any(ofAny), ...(source ? { t: source } : {}) };
  }
  const texts = placesOf(parameter).flatMap((place) =>
    named
      .filter(({ type }) => place.target === undefined || place.target === type)
      .map((one) => referenceText(place.no, referenceOf(one))),
  );
  return texts.length === 0 ? undefined : { x: { $in: texts } };
}
