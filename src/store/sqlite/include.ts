import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { parseJson } from '../../datatypes/json.ts';
import { extract } from '../../search/extract.ts';
import type { Include, SearchQuery } from '../../search/query.ts';
import type { Stored } from '../store.ts';
import { byRids, current } from './read.ts';
import type { Shared } from './shared.ts';

const utf8 = new TextDecoder();

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
      for (const { type, id } of referred(shared, query.include, match)) add(current(shared, type, id));
    for (const include of query.revinclude)
      for (const stored of byRids(shared, referring(shared, include, match))) add(stored);
  }
  return included;
}

/** The entries of an include are under the codes of its origins, each to one type where that is given. */
const codesOf = ({
  parameter,
  target,
}: Include): { readonly code: string; readonly target: ResourceType | undefined }[] =>
  (parameter.from ?? [{ code: parameter.code }]).map((origin) => ({
    code: origin.code,
    target: 'target' in origin ? origin.target : target,
  }));

function referred(
  shared: Shared,
  include: readonly Include[],
  match: Stored,
): { type: ResourceType; id: string }[] {
  const entries = extract(parseJson(utf8.decode(match.json)) as Resource, shared.base);
  const wanted = include.flatMap((i) => codesOf(i).map((c) => ({ ...c, only: i.target })));
  return entries.flatMap((entry) => {
    if (entry.kind !== 'reference' || !entry.type) return [];
    const { type, id, parameter } = entry;
    const hit = wanted.some(
      ({ code, target, only }) =>
        code === parameter.code && [undefined, type].includes(target) && [undefined, type].includes(only),
    );
    return hit ? [{ type, id }] : [];
  });
}

function referring({ database, names }: Shared, include: Include, match: Stored): number[] {
  const sql = 'SELECT rid FROM reference WHERE parameter = ? AND type = ? AND id = ? ORDER BY rid';
  return codesOf({ ...include, target: match.type }).flatMap(({ code, target }) =>
    target === match.type
      ? database
          .all(sql, names.byCode(include.source, code), names.type(match.type), match.id)
          .map(([rid]) => Number(rid))
      : [],
  );
}
