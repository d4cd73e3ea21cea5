import type { AccessPath } from './condition.ts';
import { glued, join, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import type { Plan } from './plan.ts';

const after = (rid: number): readonly SqlFragment[] => (rid > 0 ? [sqlFragment('d.rid > ?', rid)] : []);

/** What the rows of a drive are ruled out by where they stand; `asking`: also by looking at other rows. */
function hints(accessPath: AccessPath, { tests }: Plan, asking: boolean): readonly SqlFragment[] {
  if (accessPath.hasSignature !== true) return [];
  return tests.flatMap(({ hint }) => (hint && (asking || !hint.asks) ? [hint.where] : []));
}

/** What the candidates are tested by. Where they are ruled out before, those that are left are few. */
export function testsOf(made: Plan): readonly SqlFragment[] {
  const carry = made.accessPaths.every(({ hasSignature }) => hasSignature);
  return made.tests.map((c) => c.test('d.rid', carry && c.hint ? Math.min(made.size, fewLeft) : made.size));
}
/** Candidates that are left as a rule where most were ruled out. */
export const fewLeft = 20;

/** Rows of the drives, each of which may come more than once. */
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

/** The candidates of a plan, as FROM and WHERE; several drives are one table of rids. */
export function candidates(made: Plan): { readonly from: SqlFragment; readonly where: SqlFragment } {
  const [only] = made.accessPaths;
  if (only && made.accessPaths.length === 1)
    return { from: only.from, where: join([only.where, ...hints(only, made, false)], ' AND ', '1') };
  const { sql, values } = rows(made, 'd.rid', (accessPath) => hints(accessPath, made, false));
  return { from: sqlFragment(`(${sql}) d`, ...values), where: sqlFragment('1') };
}

/** What a plan finds; what is selected of it may come more than once. */
export function found(made: Plan, selected = 'd.rid AS rid'): SqlFragment {
  const { from, where } = candidates(made);
  const all = join([where, ...testsOf(made)], ' AND ', '1');
  return glued([sqlFragment(`SELECT ${selected} FROM`), from, sqlFragment('WHERE'), all], ' ');
}

/**
 * The first rids that a plan finds, in order, from one on. Candidates in order are read until there are enough,
 * several drives of them side by side; others are put in order before they are tested, so that no more are tested
 * than it takes.
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

/** The numbers of the patients that a plan finds, by what their rows carry. */
export function abouts(made: Plan): SqlFragment {
  const tests = made.tests.map((c) => c.test('d.rid', made.size));
  return rows({ ...made, once: true }, 'd.about', (accessPath) => [
    ...hints(accessPath, made, false),
    ...tests,
  ]);
}
