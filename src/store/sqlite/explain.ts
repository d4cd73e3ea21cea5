import type { SearchQuery } from '../../search/query.ts';
import type { Explanation } from '../store.ts';
import type { Shared } from './shared.ts';

export function explain(_: Shared, query: SearchQuery): Explanation {
  throw new Error(`explaining a search of ${query.type} is not there yet`);
}
