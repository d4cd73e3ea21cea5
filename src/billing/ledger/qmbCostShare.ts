import { least, subtract, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import { balance } from './balance.ts';
import { creditReleased } from './creditReleased.ts';
import { lineAbout, type PatientLine } from './patientLine.ts';
import { credit, debit, post, type Head } from './posting.ts';
import { patientStanding } from './standing.ts';

/** The cost share of a QMB patient is nobody's to pay: qmb-cost-share / patient receivable, not invoiced. */
export const qmbCostShare = (event: Head & { readonly lines: readonly PatientLine[] }): Entry =>
  post(event, { reason: 'qmb-cost-share', text: 'cost share of a QMB patient' }, [
    ...event.lines.map((l) => debit('qmb-cost-share', l.amount, lineAbout(l))),
    ...event.lines.map((l) => credit('receivable-patient-not-invoiced', l.amount, lineAbout(l))),
  ]);

/** What of a line stands as the cost share of a QMB patient already. */
export const costShareMoved = (
  journal: readonly Entry[],
  { claim, item }: Omit<PatientLine, 'amount'>,
): Cents =>
  balance(
    journal.map((e) => ({ ...e, postings: e.postings.filter((p) => p.item === item) })),
    { account: 'qmb-cost-share', claim },
  );

/**
 * The entries that take cost shares off the patient: credit that had met them is free again, then what is not
 * invoiced moves. What stands on an Invoice must have been taken off it before.
 */
export function costShareEntries(
  journal: readonly Entry[],
  lines: readonly (Omit<PatientLine, 'amount'> & { readonly costShare: Cents })[],
  { newId, ...head }: Omit<Head, 'id'> & { readonly newId: () => string },
): Entry[] {
  const released: PatientLine[] = [];
  const moved: PatientLine[] = [];
  for (const { costShare, encounter, claim, item } of lines) {
    const about = { encounter, claim, item };
    const standing = patientStanding(journal, { claim }).find((s) => s.claim === claim && s.item === item);
    const left = subtract(costShare, costShareMoved(journal, about));
    if (!standing || left <= 0) continue;
    const short = subtract(left, least(left, standing.notInvoiced));
    const release = least(short, standing.applied > 0 ? standing.applied : zero);
    const move = subtract(left, subtract(short, release));
    if (release > 0) released.push({ ...about, amount: release });
    if (move > 0) moved.push({ ...about, amount: move });
  }
  const from = released.map(({ amount }) => ({ amount }));
  return [
    ...(released.length === 0 ? [] : [creditReleased({ ...head, id: newId(), from, lines: released })]),
    ...(moved.length === 0 ? [] : [qmbCostShare({ ...head, id: newId(), lines: moved })]),
  ];
}
