import type { Include, SearchQuery } from '../../../search/query.ts';
import {
  canonicalsOf,
  mostIncluded,
  referred,
  referringCanonically,
  tooManyIncluded,
  versionName,
} from '../../included.ts';
import type { Stored } from '../../store.ts';
import { keyTexts } from './canonical.ts';
import { storedFields, storedOf } from '../connection/collections.ts';
import { any, placesOf } from './criterion.ts';
import { referenceSpan, referenceText } from '../index/entries.ts';
import type { Match } from './range.ts';
import { byReferences, byVersions } from '../history/read.ts';
import { within, type View } from '../connection/mongoState.ts';

/** References asked for at a time. */
const atOnce = 500;
/** Entries of canonical URLs asked for at a time. */
const textsAtOnce = 5000;

/** What _include and _revinclude add to a page: current resources, each once, none that is a match. */
export async function includedOf(
  view: View,
  query: SearchQuery,
  matches: readonly Stored[],
): Promise<Stored[]> {
  let { include, revinclude } = query;
  const seen = new Set(matches.map(versionName));
  const asked = new Set(matches.map(referenceOf)); // as they are now
  const included: Stored[] = [];
  for (let from = matches; from.length > 0 && include.length + revinclude.length > 0;) {
    const added: Stored[] = [];
    const add = (stored: Stored): void => {
      if (seen.has(versionName(stored))) return;
      if (included.length + added.length >= mostIncluded) throw tooManyIncluded();
      seen.add(versionName(stored));
      added.push(stored);
    };
    (await namedBy(view, include, from, asked)).forEach(add);
    for (const one of revinclude) (await naming(view, one, from, seen.size)).forEach(add);
    included.push(...added);
    from = added;
    // What was included is asked again only by those that iterate.
    include = include.filter(({ iterate }) => iterate);
    revinclude = revinclude.filter(({ iterate }) => iterate);
  }
  return included;
}

const referenceOf = ({ type, id }: { readonly type: string; readonly id: string }): string => `${type}/${id}`;

async function namedBy(
  view: View,
  include: readonly Include[],
  from: readonly Stored[],
  known: Set<string>,
): Promise<Stored[]> {
  if (include.length === 0) return [];
  const named = from.flatMap((row) => referred(include, row, view.shared));
  const plain = new Set(named.filter(({ version }) => version === undefined).map(referenceOf));
  const references = [...plain.difference(known)];
  for (const reference of references) known.add(reference);
  const found: Stored[] = [];
  const versions = named.filter(({ version }) => version !== undefined && !Number.isNaN(version));
  for (let i = 0; i < versions.length; i += atOnce)
    found.push(...(await byVersions(view, versions.slice(i, i + atOnce))));
  for (let i = 0; i < references.length; i += atOnce)
    found.push(...(await byReferences(view, references.slice(i, i + atOnce))));
  const canonicals = from.flatMap((row) => canonicalsOf(include, row, view.shared));
  const texts = new Set(canonicals.flatMap(({ key, addresses }) => keyTexts(addresses, key)));
  found.push(...(await havingOne(view, [...texts], known.size)));
  return found;
}

/** Those that have some of these entries, by first creation. */
async function havingOne(view: View, texts: readonly string[], known: number): Promise<Stored[]> {
  const found: Stored[] = [];
  for (let i = 0; i < texts.length; i += textsAtOnce)
    found.push(...(await matching(view, { x: { $in: texts.slice(i, i + textsAtOnce) } }, known)));
  return found;
}

/** `known`: how many are on the page already, so that one row too many is seen, and not all there are. */
async function matching(view: View, match: Match, known: number): Promise<Stored[]> {
  const rows = await view.shared.collections.resource
    .find(match, { projection: storedFields, ...within(view) })
    .sort({ o: 1 })
    .limit(mostIncluded + known + 1)
    .toArray();
  return rows.map((row) => storedOf(row._id, row.v, row));
}

/** Those that refer to some of these through what a _revinclude names, by first creation. */
async function naming(view: View, include: Include, to: readonly Stored[], known: number): Promise<Stored[]> {
  const found: Stored[] = [];
  for (let i = 0; i < to.length; i += atOnce) {
    const match = referringMatch(include, to.slice(i, i + atOnce));
    if (match) found.push(...(await matching(view, match, known)));
  }
  const texts = to.flatMap((one) => {
    const { parameters, keys } = referringCanonically(include, one, view.shared);
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
