import type { HistoryPage, HistoryQuery } from '../store.ts';
import type { Shared } from './shared.ts';

export function changes(_: Shared, query: HistoryQuery): HistoryPage {
  throw new Error(`history of ${query.type ?? 'all'} is not there yet`);
}
