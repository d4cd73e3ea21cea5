import { reversal, type Entry } from '../../datatypes/entry.ts';
import type { Head } from './posting.ts';

/** The chart changed before submission: the capture of a charge is taken back. */
export const chargeReversed = ({
  id,
  on,
  cause,
  captured,
}: Omit<Head, 'account'> & { readonly captured: Entry }): Entry =>
  reversal(captured, {
    id,
    on,
    cause,
    reason: 'charge-reversed',
    text: 'charge taken back, the chart changed',
  });

/** The capture of a charge that has not been taken back; undefined when there is none in the journal. */
export function captureOf(journal: readonly Entry[], charge: string): Entry | undefined {
  const takenBack = new Set(journal.map((e) => e.reverses));
  return journal.findLast(
    (e) =>
      e.reason === 'charge-captured' && !takenBack.has(e.id) && e.postings.some((p) => p.charge === charge),
  );
}
