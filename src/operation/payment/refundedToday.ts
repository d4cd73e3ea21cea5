import { sum, type Cents } from '../../datatypes/cents.ts';
import { dateInZone } from '../../datatypes/date.ts';
import type { Entry, EntryReason } from '../../datatypes/entry.ts';
import { zoneAt } from '../call/practiceZone.ts';
import type { Call } from '../operation.ts';
import type { PatientAccount } from './patientAccount.ts';

const refunds: readonly EntryReason[] = ['refund', 'payer-refund'];

/**
 * What of an Account was given back on the same day of the practice, to its patient or to payers: several small refunds
 * count as the one they add up to.
 */
export async function refundedToday(
  { context, tx, today }: Call,
  { journal, practice }: PatientAccount,
): Promise<Cents> {
  const { zone } = await zoneAt(context, tx, { locations: [], organization: practice });
  const dayOf = ({ enteredOn, on }: Entry): string =>
    enteredOn === undefined ? on : dateInZone(enteredOn, zone);
  const takenBack = new Set(journal.map((e) => e.reverses));
  const standing = journal.filter(
    (e) => refunds.includes(e.reason) && !takenBack.has(e.id) && dayOf(e) === today,
  );
  return sum(standing.flatMap((e) => e.postings.filter((p) => p.amount > 0).map((p) => p.amount)));
}
