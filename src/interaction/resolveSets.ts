import type { SearchQuery } from '../search/query.ts';
import type { Reader } from '../store/store.ts';
import type { Context } from './context.ts';

/** Replaces what needs a ValueSet, a CodeSystem or a hierarchy by plain values. */
export const resolveSets = (_context: Context, _reader: Reader, query: SearchQuery): Promise<SearchQuery> =>
  Promise.resolve(query);
