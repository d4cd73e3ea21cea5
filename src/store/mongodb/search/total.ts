import { createHash } from 'node:crypto';
import type { SearchParameter, SearchQuery } from '../../../search/query.ts';
import { typesOf } from '../../../search/typesOf.ts';
import { compileSearch } from './compile.ts';
import { within, type MongoState, type View } from '../connection/mongoState.ts';
import { pipelineOf } from './compiled.ts';
import { never } from './match.ts';

/**
 * How many resources match. The only server of a store remembers a total until it writes a resource of the types
 * concerned; each time it asks whether another server has joined.
 */
export async function totalOf(view: View, query: SearchQuery): Promise<number> {
  const { state, session } = view;
  if (session) return count(view, query);
  const key = keyOfSearch(query);
  const servers = await serversNow(state);
  const written = state.written.last(typesOf(query));
  const known = state.totals.get(key);
  if (known?.servers === servers && known.written === written) return known.total;
  const isToKeep = state.written.hasLanded(written) && (await state.membership.isAlone());
  const total = await count(view, query);
  state.totals.delete(key);
  if (isToKeep) state.totals.set(key, { total, servers, written });
  return total;
}

const serversNow = async ({ collections }: MongoState): Promise<number> =>
  (await collections.setting.findOne({ _id: 'parameters' }, { projection: { n: 1 } }))?.n ?? 0;

/**
 * A key of what a search asks for, equal for equal criteria. It is a digest, so that it does not grow with the values
 * asked for and does not hold them.
 */
export function keyOfSearch({ type, filters }: Pick<SearchQuery, 'type' | 'filters'>): string {
  const text = JSON.stringify([type, filters], (key, value: unknown) => {
    if (key !== 'parameter') return value;
    const parameter = value as SearchParameter;
    return `${parameter.type}.${parameter.code}`;
  });
  return createHash('sha256').update(text).digest('base64url');
}

async function count(view: View, query: SearchQuery): Promise<number> {
  const compiled = await compileSearch(view, query);
  if (compiled.match === never || compiled.late === never) return 0;
  const { resource } = view.state.collections;
  if (compiled.stages.length === 0) return resource.countDocuments(compiled.match, within(view));
  const [found] = await resource
    .aggregate<{ n: number }>([...pipelineOf(compiled), { $count: 'n' }], within(view))
    .toArray();
  return found?.n ?? 0;
}
