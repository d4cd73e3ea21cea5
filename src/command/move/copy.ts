import { auditSweepKind } from '../../operation/audit/auditSweep.ts';
import { nightKey } from '../../operation/nightly/nightJob.ts';
import { nightlyWorks } from '../../operation/nightly/works.ts';
import { sweepKind } from '../../operation/sweep/chartSweep.ts';
import type { Store } from '../../store/store.ts';

/** How far a move is. */
export type Told = (pieces: number, isResumed: boolean) => void;

/** Jobs that a server leaves in a store that holds nothing else. */
const sweeps: readonly string[] = [
  sweepKind,
  auditSweepKind,
  ...nightlyWorks.map(({ code }) => nightKey(code)),
];

/** Pieces in a commit of the store that takes them. */
const pageSize = 500;

/**
 * Copies what one store is made of into another that is empty, or goes on where a move from the same store was stopped.
 * Answers how many pieces there are. `at` is the moment whose expired answers are left behind.
 */
export async function copy(from: Store, to: Store, at: number, told: Told): Promise<number> {
  const identity = await from.copying.identity();
  const begun = await to.copying.unfinished();
  if (begun && begun.from !== identity)
    throw new Error('a move from another store into this one is not finished: choose an empty one');
  if (!begun && !(await isEmpty(to)))
    throw new Error('the store to move to holds something already: choose an empty one');
  if (!begun) await to.copying.begin({ from: identity, place: '', pieces: 0 }, sweeps);
  let pieces = begun?.pieces ?? 0;
  if (pieces > 0) told(pieces, true);
  if (begun?.place === done) return pieces;
  for (let after = begun?.place === '' ? undefined : begun?.place; ;) {
    const page = await from.copying.pieces({ after, count: pageSize, at });
    pieces += page.pieces.length;
    after = page.next;
    if (page.pieces.length > 0 || after === undefined)
      await to.copying.take(page.pieces, { from: identity, place: after ?? done, pieces });
    if (page.pieces.length > 0) told(pieces, false);
    if (after === undefined) return pieces;
  }
}

/** The place where nothing is left. */
const done = 'done';

/**
 * Whether nothing at all is in a store, keys and kept answers included. A server that was started on it has left the
 * jobs of its sweeps: they say nothing of a chart.
 */
async function isEmpty({ copying }: Store): Promise<boolean> {
  for (let after: string | undefined; ;) {
    const { pieces, next } = await copying.pieces({ after, count: 2, at: 0 });
    if (pieces.some((p) => p.kind !== 'job' || !sweeps.includes(p.job.key))) return false;
    if (next === undefined) return true;
    after = next;
  }
}
