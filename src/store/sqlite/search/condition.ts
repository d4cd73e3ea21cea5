import { join, sqlFragment, type SqlFragment } from './sqlFragment.ts';

/** Rows whose rids are candidates, as FROM (with the alias `d`) and WHERE. `ordered`: they come in order of rid. */
export interface AccessPath {
  readonly from: SqlFragment;
  readonly where: SqlFragment;
  readonly ordered: boolean;
  /** `d` is an index row that has the signature of its resource (index/rowSignature.ts). */
  readonly hasSignature?: boolean;
  /** A wider WHERE that is cheap to count, where there is one. */
  readonly rough?: SqlFragment;
}

/** Rules out rows `d` whose signature shows that their resource cannot meet a criterion. */
export interface Hint {
  readonly where: SqlFragment;
  /** It looks up other rows: worth it only where rows are read one by one until a page is full. */
  readonly asks: boolean;
}

/** A criterion as SQL. */
export interface Condition {
  /** True for the candidate in column `at`; `candidates` is the expected number of candidates that are tested. */
  readonly test: (at: string, candidates: number) => SqlFragment;
  /** The rows that meet it, where there is a way to find them. */
  readonly accessPaths?: readonly AccessPath[];
  /** How many rows are read to find those: many, so that only a count starts from them. */
  readonly wide?: number;
  /** What it costs to test one candidate: 1 a step in an index, 2 several steps, 3 reading the resource. */
  readonly cost: 1 | 2 | 3;
  readonly hint?: Hint;
  /** Size of the other end of a chain that the hint has looked up, and the average share of candidates for each of it. */
  readonly spread?: { readonly of: number; readonly each: number };
  /** A test of the rows of a parameter that is true exactly for the resources that match: each has one row at most. */
  /** A test of the rows of a parameter that is true exactly for the resources that match: each has one row at most. */
  readonly row?: { readonly parameter: number; readonly where: SqlFragment };
  /** No resource appears twice in its access paths together. */
  readonly once?: boolean;
  /** Nesting depth of its test, which SQLite limits. */
  readonly depth?: number;
}

export const depthOf = (conditions: readonly Condition[]): number =>
  Math.max(0, ...conditions.map(({ depth }) => depth ?? 0));

/** The conditions that no resource meets, and that every resource meets. */
export const never: Condition = { test: () => sqlFragment('0'), cost: 1 };
export const always: Condition = { test: () => sqlFragment('1'), cost: 1 };

/** Most access paths of one condition: SQLite takes 500 terms in one compound SELECT. */
const termsMax = 200;

/** Any of the conditions. */
export function either(conditions: readonly Condition[]): Condition {
  if (conditions.includes(always)) return always;
  const some = conditions.filter((c) => c !== never);
  const [only] = some;
  if (!only) return never;
  if (some.length === 1) return only;
  const accessPaths = some.flatMap((c) => c.accessPaths ?? []);
  const isFound = some.every((c) => c.accessPaths !== undefined) && accessPaths.length <= termsMax;
  const wide = some.reduce((sum, c) => sum + (c.wide ?? 0), 0);
  return {
    test: (at, candidates) =>
      join(
        [...some].sort((a, b) => a.cost - b.cost).map((c) => c.test(at, candidates)),
        ' OR ',
        '0',
      ),
    cost: Math.max(...some.map((c) => c.cost)) as 1 | 2 | 3,
    depth: depthOf(some) + 1,
    ...(isFound ? { accessPaths } : {}),
    ...hintOf(
      some.map(({ hint }) => hint),
      ' OR ',
    ),
    ...(wide > 0 ? { wide } : {}),
  };
}

/** All of the conditions; candidates come from the first that has access paths and is not wide. */
export function every(conditions: readonly Condition[]): Condition {
  if (conditions.includes(never)) return never;
  const some = conditions.filter((c) => c !== always).sort((a, b) => a.cost - b.cost);
  const [only] = some;
  if (!only) return always;
  if (some.length === 1) return only;
  const finder = some.find((c) => c.accessPaths !== undefined && c.wide === undefined);
  return {
    test: (at, candidates) =>
      join(
        some.map((c) => c.test(at, candidates)),
        ' AND ',
        '1',
      ),
    cost: Math.max(...some.map((c) => c.cost)) as 1 | 2 | 3,
    depth: depthOf(some) + 1,
    ...hintOf(
      some.flatMap(({ hint }) => hint ?? []),
      ' AND ',
    ),
    ...(finder?.accessPaths
      ? {
          accessPaths: narrowed(
            finder.accessPaths,
            some.filter((c) => c !== finder),
          ),
        }
      : {}),
  };
}

/** Hints as one; none where one condition has none, as then no row is ruled out. */
function hintOf(hints: readonly (Hint | undefined)[], by: ' AND ' | ' OR '): { readonly hint?: Hint } {
  const known = hints.flatMap((hint) => hint ?? []);
  if (known.length === 0 || known.length < hints.length) return {};
  const where = join(
    known.map((hint) => hint.where),
    by,
    '1',
  );
  return { hint: { where, asks: known.some(({ asks }) => asks) } };
}

/** The access paths with further conditions added to them. */
const narrowed = (accessPaths: readonly AccessPath[], conditions: readonly Condition[]): AccessPath[] =>
  accessPaths.map((accessPath) => ({
    ...accessPath,
    rough: accessPath.rough ?? accessPath.where,
    where: join([accessPath.where, ...conditions.map((c) => c.test('d.rid', few))], ' AND ', '1'),
  }));

/** Rows that are counted before a condition counts as one that selects many. */
export const few = 2000;

export const inverse = (condition: Condition): Condition => {
  if (condition === never) return always;
  if (condition === always) return never;
  return {
    test: (at, candidates) => {
      const { sql, values } = condition.test(at, candidates);
      return { sql: `NOT (${sql})`, values };
    },
    cost: condition.cost,
    depth: depthOf([condition]) + 1,
  };
};
