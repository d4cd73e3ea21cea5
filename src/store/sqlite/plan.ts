import type { ResourceType } from '@medplum/fhirtypes';
import { always, never, type Condition, type Drive } from './condition.ts';
import { glued, join, piece, type Piece } from './piece.ts';
import { typeSpan, type Shared } from './shared.ts';

/** How resources of a type that meet all conditions are found: candidates, and what they are tested by. */
export interface Plan {
  readonly drives: readonly Drive[];
  readonly tests: readonly Condition[];
  readonly all: readonly Condition[]; // every condition as a test
  readonly size: number; // candidates, counted up to shared.few; Infinity: not counted
  readonly isWhole: boolean; // the candidates are the whole type
  readonly isNever: boolean;
}

export const wholeType = (shared: Shared, type: ResourceType): Piece => {
  const from = shared.names.type(type) * typeSpan;
  return piece('d.rid > ? AND d.rid < ? AND d.method < 2', from, from + typeSpan);
};

/**
 * What a plan is for: the first rows in order of rid, a page in another order, or all rows (a count, the inside of a
 * chain that is many).
 */
export type Purpose = 'first' | 'page' | 'count';

/** The condition whose rows are the candidates: the one with the fewest; the type itself where all have many. */
export function plan(
  shared: Shared,
  type: ResourceType,
  conditions: readonly Condition[],
  purpose: Purpose,
): Plan {
  const isNever = conditions.includes(never);
  const some = conditions.filter((c) => c !== always);
  const finders = isNever ? [] : some.filter((c) => c.drives && c.wide === undefined);
  let [best, size] = tiny(shared, finders, purpose) ?? [undefined, Infinity];
  for (const condition of best ? [] : finders) {
    const isOrdered = isInOrder(condition);
    const isRead = purpose === 'first' && isOrdered && some.length === 1; // read off in order: nothing to choose
    const own = isRead ? 0 : sizeOf(shared, condition);
    if (own < size && (isOrdered || own < shared.few)) [best, size] = [condition, own];
  }
  if (!best && purpose === 'count') best = some.find((c) => c.drives && c.wide === undefined);
  if (!best && purpose === 'count')
    best = some.find((c) => c.drives && (c.wide ?? Infinity) < shared.tally.of(type));
  const whole: Drive = { from: piece('resource d'), where: wholeType(shared, type), ordered: true };
  return {
    drives: best?.drives ?? [whole],
    tests: byCost(some.filter((c) => c !== best)),
    all: byCost(some),
    size,
    isWhole: best === undefined,
    isNever,
  };
}

const isInOrder = ({ drives = [] }: Condition): boolean =>
  drives.length > 0 && drives.every(({ ordered }) => ordered);

/** Rows that are so few that nothing fewer is looked for. */
const tinySize = 64;

/** A condition with very few rows, where there is one: found without counting the rows of the others. */
function tiny(
  shared: Shared,
  finders: readonly Condition[],
  purpose: Purpose,
): [Condition, number] | undefined {
  if (shared.few <= tinySize || (finders.length === 1 && purpose === 'first')) return undefined;
  for (const condition of finders) {
    const size = counted(shared, condition, tinySize);
    if (size < tinySize) return [condition, size];
  }
  return undefined;
}

const byCost = (conditions: readonly Condition[]): Condition[] =>
  [...conditions].sort((a, b) => a.cost - b.cost);

const sizes = new WeakMap<Condition, number>();

/** How many rows the drives of a condition have, counted up to shared.few. */
export function sizeOf(shared: Shared, condition: Condition): number {
  const known = sizes.get(condition);
  if (known !== undefined) return known;
  const size = counted(shared, condition, shared.few);
  sizes.set(condition, size);
  return size;
}

/** Rows of drives, counted up to a limit; a count is good for a while, for it only chooses the way. */
function counted(shared: Shared, { drives = [] }: Condition, limit: number): number {
  const rows = drives.map(({ from, where, rough }) =>
    glued([piece('SELECT 1 FROM'), from, piece('WHERE'), rough ?? where], ' '),
  );
  const { sql, values } = glued(rows, ' UNION ALL ');
  const key = JSON.stringify([limit, sql, values]);
  const known = shared.sizes.get(key);
  if (known && shared.writes - known.writes < goodFor) return known.size;
  const size = Number(shared.database.get(`SELECT count(*) FROM (${sql} LIMIT ${limit})`, ...values)?.[0]);
  if (shared.sizes.size >= most) shared.sizes.clear();
  shared.sizes.set(key, { size, writes: shared.writes });
  return size;
}

/** Writes after which a count is made anew. */
const goodFor = 500;
/** Counts that are remembered. */
const most = 2000;

/** The rows of drives, each once. */
const union = (drives: readonly Drive[], past: readonly Piece[]): Piece =>
  glued(
    drives.map(({ from, where }) =>
      glued(
        [piece('SELECT DISTINCT d.rid FROM'), from, piece('WHERE'), join([where, ...past], ' AND ', '1')],
        ' ',
      ),
    ),
    ' UNION ',
  );

/** The candidates of a plan, as FROM and WHERE, from a rid on; several drives are one table of rids. */
export function candidates({ drives }: Plan, beyond = 0): { readonly from: Piece; readonly where: Piece } {
  const past = beyond > 0 ? [piece('d.rid > ?', beyond)] : [];
  const [only] = drives;
  if (only && drives.length === 1)
    return { from: only.from, where: join([only.where, ...past], ' AND ', '1') };
  const { sql, values } = union(drives, past);
  return { from: piece(`(${sql}) d`, ...values), where: piece('1') };
}

/**
 * The first rids that a plan finds, in order, from a rid on. Candidates that do not come in order are put in order
 * before they are tested, so that no more are tested than it takes; several drives in order are read side by side.
 */
export function first(made: Plan, beyond: number, limit: number): Piece {
  const [only] = made.drives;
  if (only?.ordered === true && made.drives.length === 1) {
    const { sql, values } = found(made, 'DISTINCT d.rid', beyond);
    return piece(`${sql} ORDER BY d.rid LIMIT ${limit}`, ...values);
  }
  const { sql, values } = union(made.drives, beyond > 0 ? [piece('d.rid > ?', beyond)] : []);
  const tests = testsOf(made);
  return piece(
    // LIMIT -1 keeps SQLite from taking the two SELECTs as one: it would test first and order then
    `SELECT d.rid FROM (${sql} ORDER BY 1 LIMIT -1) d WHERE ${tests.sql} LIMIT ${limit}`,
    ...values,
    ...tests.values,
  );
}

const testsOf = ({ tests, size }: Plan): Piece =>
  join(
    tests.map((c) => c.test('d.rid', size)),
    ' AND ',
    '1',
  );

/** What a plan finds from a rid on; what is selected of it may come more than once. */
export function found(made: Plan, selected = 'd.rid AS rid', beyond = 0): Piece {
  const { from, where } = candidates(made, beyond);
  const all = join([where, testsOf(made)], ' AND ', '1');
  return glued([piece(`SELECT ${selected} FROM`), from, piece('WHERE'), all], ' ');
}
