import type { SearchQuery } from '../../../search/query.ts';
import { always, type Condition } from './condition.ts';
import { typesOf } from '../../../search/typesOf.ts';
import { criteriaText } from './cursor.ts';
import { glued, join, sqlFragment } from './sqlFragment.ts';
import { candidates, found } from './found.ts';
import { plan, type Plan } from './plan.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';

/** Candidates that an estimate looks at. */
const sample = 4000;

/** How many resources match: counted, or estimated where that is asked for and there are many candidates. */
export function totalOf(state: SqliteState, query: SearchQuery, conditions: readonly Condition[]): number {
  if (conditions.every((c) => c === always)) return state.tally.of(query.type);
  const text = criteriaText(query);
  const generations = typesOf(query)
    .map((type) => state.generation(type))
    .join(' ');
  const known = state.totals.get(text);
  if (known?.generations === generations) return known.total;
  const guessed = query.total === 'estimate' ? estimate(state, query, conditions) : undefined;
  if (guessed !== undefined) return guessed;
  const total = count(state, plan(state, query.type, conditions, 'count'));
  state.totals.set(text, { total, generations });
  return total;
}

function count({ database }: SqliteState, made: Plan): number {
  if (made.isNever) return 0;
  const { sql, values } = found(made, made.isWhole ? 'count(*)' : 'DISTINCT d.rid');
  return Number(database.get(made.isWhole ? sql : `SELECT count(*) FROM (${sql})`, ...values)?.[0]);
}

/** Extrapolated from the first candidates; undefined where they are so few that they are counted. */
function estimate(
  state: SqliteState,
  { type }: SearchQuery,
  conditions: readonly Condition[],
): number | undefined {
  const made = plan(state, type, conditions, 'page');
  if (
    made.isNever ||
    made.size < state.few ||
    made.accessPaths.length !== 1 ||
    made.accessPaths[0]?.ordered !== true
  )
    return undefined;
  const { from, where } = candidates({ ...made, tests: [] });
  const tests = join(
    made.tests.map((c) => c.test('d.rid', sample)),
    ' AND ',
    '1',
  );
  const whole = glued(
    [
      sqlFragment('SELECT count(*), sum(met), max(rid) FROM (SELECT d.rid AS rid, ('),
      ...[
        tests,
        sqlFragment(') AS met FROM'),
        from,
        sqlFragment('WHERE'),
        where,
        sqlFragment(`ORDER BY d.rid LIMIT ${sample})`),
      ],
    ],
    ' ',
  );
  const [seen, met, last] = (state.database.get(whole.sql, ...whole.values) ?? []).map(Number);
  if (seen === undefined || seen < sample) return undefined;
  const start = state.names.type(type) * typeSpan;
  const covered = ((last ?? start) - start) / Math.max(1, state.lastRid(type) - start);
  return Math.max(met ?? 0, Math.round((met ?? 0) / Math.max(covered, 1e-9)));
}
