import type { ResourceType } from '@medplum/fhirtypes';
import { always, never, type Condition, type AccessPath } from './condition.ts';
import { glued, sqlFragment, type SqlFragment } from './sqlFragment.ts';
import { typeSpan, type SqliteState } from '../connection/sqliteState.ts';

/** How resources of a type that meet all conditions are found: candidates, and what they are tested by. */
export interface Plan {
  readonly accessPaths: readonly AccessPath[];
  readonly tests: readonly Condition[];
  readonly all: readonly Condition[]; // every condition as a test
  readonly size: number; // candidates, counted up to shared.few; Infinity: not counted
  readonly once: boolean; // no candidate comes twice
  readonly isWhole: boolean; // the candidates are the whole type
  readonly isNever: boolean;
}

const wholeType = (state: SqliteState, type: ResourceType): SqlFragment => {
  const from = state.names.type(type) * typeSpan;
  return sqlFragment('d.rid > ? AND d.rid < ? AND d.method < 2', from, from + typeSpan);
};

/**
 * What a plan is for: the first rows in order of rid, a page in another order, or all rows (a count, the inside of a
 * chain that is many).
 */
export type Purpose = 'first' | 'page' | 'count';

/** The condition whose rows are the candidates: the one with the fewest; the type itself where all have many. */
export function plan(
  state: SqliteState,
  type: ResourceType,
  conditions: readonly Condition[],
  purpose: Purpose,
): Plan {
  const isNever = conditions.includes(never);
  const some = conditions.filter((c) => c !== always);
  const finders = isNever ? [] : findersOf(some, purpose);
  let [best, size] = tiny(state, finders, purpose) ?? [undefined, Infinity];
  for (const condition of best ? [] : finders) {
    const isOrdered = isInOrder(condition);
    const isRead = purpose === 'first' && isOrdered && some.length === 1; // read off in order: nothing to choose
    const own = isRead ? 0 : sizeOf(state, condition);
    if (own < size && (isOrdered || own < state.few)) [best, size] = [condition, own];
  }
  if (!best && purpose === 'count') best = some.find((c) => c.accessPaths && c.wide === undefined);
  if (!best && purpose === 'count')
    best = some.find((c) => c.accessPaths && (c.wide ?? Infinity) < state.tally.of(type));
  const whole: AccessPath = {
    from: sqlFragment('resource d'),
    where: wholeType(state, type),
    ordered: true,
  };
  return {
    accessPaths: best?.accessPaths ?? [whole],
    tests: byCost(some.filter((c) => c !== best)),
    all: byCost(some),
    size,
    once: best === undefined || best.once === true,
    isWhole: best === undefined,
    isNever,
  };
}

const isInOrder = ({ accessPaths = [] }: Condition): boolean =>
  accessPaths.length > 0 && accessPaths.every(({ ordered }) => ordered);

/** Cost of a row read from the other end of a chain, relative to a row that a hint rules out. */
const farther = 30;
/** Usual number of rows on a page. */
const page = 20;

/**
 * The conditions whose rows may be the candidates. Where rows in order can be ruled out by their signature, reading
 * them until a page is full costs less than starting from the other end of a chain, which then is not counted.
 */
function findersOf(conditions: readonly Condition[], purpose: Purpose): readonly Condition[] {
  const finders = conditions.filter((c) => c.accessPaths && c.wide === undefined);
  if (purpose !== 'first') return finders;
  const near = finders.filter(
    ({ spread }) => spread === undefined || page * spread.each > spread.of * farther,
  );
  return near.some((c) => isInOrder(c) && c.accessPaths?.every(({ hasSignature }) => hasSignature))
    ? near
    : finders;
}

/** So few rows that no condition with fewer is looked for. */
const tinySize = 64;

/** A condition with very few rows, where there is one: found without counting the rows of the others. */
function tiny(
  state: SqliteState,
  finders: readonly Condition[],
  purpose: Purpose,
): [Condition, number] | undefined {
  if (state.few <= tinySize || (finders.length === 1 && purpose === 'first')) return undefined;
  for (const condition of finders) {
    const size = counted(state, condition, tinySize);
    if (size < tinySize) return [condition, size];
  }
  return undefined;
}

const byCost = (conditions: readonly Condition[]): Condition[] =>
  [...conditions].sort((a, b) => a.cost - b.cost);

const sizes = new WeakMap<Condition, number>();

/** How many rows the access paths of a condition have, counted up to state.few. */
export function sizeOf(state: SqliteState, condition: Condition): number {
  const known = sizes.get(condition);
  if (known !== undefined) return known;
  const size = counted(state, condition, state.few);
  sizes.set(condition, size);
  return size;
}

/** Rows of access paths, counted up to a limit; a count is reused for some time, as it only chooses between plans. */
function counted(state: SqliteState, { accessPaths = [] }: Condition, limit: number): number {
  const rows = accessPaths.map(({ from, where, rough }) =>
    glued([sqlFragment('SELECT 1 FROM'), from, sqlFragment('WHERE'), rough ?? where], ' '),
  );
  const { sql, values } = glued(rows, ' UNION ALL ');
  const key = JSON.stringify([limit, sql, values]);
  const known = state.sizes.get(key);
  if (known && state.writes - known.writes < goodFor) return known.size;
  const size = Number(state.database.get(`SELECT count(*) FROM (${sql} LIMIT ${limit})`, ...values)?.[0]);
  state.sizes.set(key, { size, writes: state.writes });
  return size;
}

/** Number of writes after which rows are counted again. */
const goodFor = 500;
