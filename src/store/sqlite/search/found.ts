import type { AccessPath } from './condition.ts';
import { glued, join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import type { Plan } from './plan.ts';

const after = (rid: number): readonly SqlFragment[] => (rid > 0 ? [sqlFragment('d.rid > ?', rid)] : []);

/** The hints that rule out rows of an access path; `asking`: also those that look up other rows. */
function hints(accessPath: AccessPath, { tests }: Plan, asking: boolean): readonly SqlFragment[] {
  if (accessPath.hasSignature !== true) return [];
  return tests.flatMap(({ hint }) => (hint && (asking || !hint.asks) ? [hint.where] : []));
}

/** The tests of the candidates. Where hints rule out most rows, few candidates are expected. */
export function testsOf(made: Plan): readonly SqlFragment[] {
  const carry = made.accessPaths.every(({ hasSignature }) => hasSignature);
  return made.tests.map((c) => c.test('d.rid', carry && c.hint ? Math.min(made.size, fewLeft) : made.size));
}
/** Candidates expected to be left where hints rule out most. */
export const fewLeft = 20;

/** Rows of the access paths; a row may come more than once. */
function rows(
  made: Plan,
  selected: string,
  more: (accessPath: AccessPath) => readonly SqlFragment[],
): SqlFragment {
  const parts = made.accessPaths.map((accessPath) => {
    const where = join([accessPath.where, ...more(accessPath)], ' AND ', '1');
    return glued([sqlFragment(`SELECT ${selected} FROM`), accessPath.from, sqlFragment('WHERE'), where], ' ');
  });
  return glued(parts, made.once ? ' UNION ALL ' : ' UNION ');
}

/** The candidates of a plan, as FROM and WHERE; several access paths become one table of rids. */
export function candidates(made: Plan): { readonly from: SqlFragment; readonly where: SqlFragment } {
  const [only] = made.accessPaths;
  if (only && made.accessPaths.length === 1)
    return { from: only.from, where: join([only.where, ...hints(only, made, false)], ' AND ', '1') };
  const { sql, values } = rows(made, 'd.rid', (accessPath) => hints(accessPath, made, false));
  return { from: sqlFragment(`(${sql}) d`, ...values), where: sqlFragment('1') };
}

/** A SELECT of what a plan finds; a value may come more than once. */
export function found(made: Plan, selected = 'd.rid AS rid'): SqlFragment {
  const { from, where } = candidates(made);
  const all = join([where, ...testsOf(made)], ' AND ', '1');
  return glued([sqlFragment(`SELECT ${selected} FROM`), from, sqlFragment('WHERE'), all], ' ');
}

/**
 * The first rids that a plan finds, in order, from one on. Candidates in order are read until there are enough,
 * several access paths of them merged; others are sorted before they are tested, so that no more are tested than
 * needed.
 */
export function first(made: Plan, beyond: number, limit: number): SqlFragment {
  const ordered = made.accessPaths.every((accessPath) => accessPath.ordered);
  const more = (accessPath: AccessPath): readonly SqlFragment[] => [
    ...hints(accessPath, made, ordered),
    ...after(beyond),
  ];
  const tests = testsOf(made);
  const selected = made.once ? 'd.rid' : 'DISTINCT d.rid';
  if (tests.length === 0 || (ordered && made.accessPaths.length === 1)) {
    const { sql, values } = rows(made, selected, (accessPath) => [...more(accessPath), ...tests]);
    return sqlFragment(`${sql} ORDER BY 1 LIMIT ${limit}`, ...values);
  }
  const inOrder = rows(made, selected, more);
  const met = join(tests, ' AND ', '1');
  // LIMIT -1 keeps SQLite from taking the two SELECTs as one: it would test first and order then
  return sqlFragment(
    `SELECT d.rid FROM (${inOrder.sql} ORDER BY 1 LIMIT -1) d WHERE ${met.sql} LIMIT ${limit}`,
    ...inOrder.values,
    ...met.values,
  );
}

/** The numbers of the patients that a plan finds, taken from the signatures of their rows. */
export function abouts(made: Plan): SqlFragment {
  const tests = made.tests.map((c) => c.test('d.rid', made.size));
  return rows({ ...made, once: true }, 'd.about', (accessPath) => [
    ...hints(accessPath, made, false),
    ...tests,
  ]);
}
