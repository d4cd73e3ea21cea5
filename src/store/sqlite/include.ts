import type { Include, SearchQuery } from '../../search/query.ts';
import { referred } from '../included.ts';
import type { Stored } from '../store.ts';
import { byRids, current } from './read.ts';
import type { Shared } from './shared.ts';

/** What _include and _revinclude add to a page: current resources, each once, none that is a match. */
export function includedOf(shared: Shared, query: SearchQuery, matches: readonly Stored[]): Stored[] {
  if (query.include.length + query.revinclude.length === 0) return [];
  const seen = new Set(matches.map(({ type, id }) => `${type}/${id}`));
  const included: Stored[] = [];
  const add = (stored: Stored | undefined): void => {
    if (!stored || stored.deleted || seen.has(`${stored.type}/${stored.id}`)) return;
    seen.add(`${stored.type}/${stored.id}`);
    included.push(stored);
  };
  for (const match of matches) {
    if (query.include.length > 0)
      for (const { type, id } of referred(query.include, match, shared)) add(current(shared, type, id));
    for (const include of query.revinclude)
      for (const stored of byRids(shared, referring(shared, include, match))) add(stored);
  }
  return included;
}

function referring(
  { database, names }: Shared,
  { source, parameter, target }: Include,
  to: Stored,
): number[] {
  if (!source || !parameter) throw new Error('a _revinclude of whatever type is not there yet');
  const sql = 'SELECT rid FROM reference WHERE parameter = ? AND type = ? AND id = ? ORDER BY rid';
  return (parameter.from ?? [{ code: parameter.code, target: undefined }]).flatMap((origin) =>
    (origin.target ?? target ?? to.type) === to.type
      ? database
          .all(sql, names.byCode(source, origin.code), names.type(to.type), to.id)
          .map(([rid]) => Number(rid))
      : [],
  );
}
