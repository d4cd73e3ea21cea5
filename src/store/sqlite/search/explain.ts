import type { SearchQuery } from '../../../search/query.ts';
import type { Explanation } from '../../store.ts';
import { search } from './search.ts';
import type { SqliteState } from '../connection/sqliteState.ts';

/** How a search is answered: the statements that it runs, each with SQLite's plan and the indexes in it. */
export function explain(state: SqliteState, query: SearchQuery): Explanation {
  const { database } = state;
  const ran = database.record(() => {
    search(state, query);
  });
  const steps = ran.map(({ sql, values }) => {
    const plan = database
      .all(`EXPLAIN QUERY PLAN ${sql}`, ...values)
      .map(([, , , detail]) => String(detail))
      .join('\n');
    const indexes = [...plan.matchAll(/USING (?:COVERING )?INDEX (\w+)|(PRIMARY KEY)|(VIRTUAL TABLE)/g)].map(
      ([, index, key]) => index ?? (key ? 'primary key' : 'full text'),
    );
    const index = [...new Set(indexes)].join(', ');
    return { what: sql, ...(index === '' ? {} : { index }), plan };
  });
  return { store: 'sqlite', steps };
}
