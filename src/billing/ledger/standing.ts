import { add, negate, zero, type Cents } from '../../datatypes/cents.ts';
import type { Entry } from '../../datatypes/entry.ts';
import type { PatientLine } from './patientLine.ts';
import { dimensions, type About } from './posting.ts';

/** How a patient's line stands: share = notInvoiced + invoiced + applied + writtenOff. */
export interface Standing extends Omit<PatientLine, 'amount'> {
  readonly share: Cents; // PR of the last payer, or the self-pay charge
  readonly notInvoiced: Cents;
  readonly invoiced: Cents;
  readonly applied: Cents; // patient payments, at issue and since
  readonly writtenOff: Cents;
}

/** Entries that bring the patient's money to a line, or take it off again. */
const ofPayments = new Set([
  'patient-payment',
  'payment-reversed',
  'credit-applied',
  'credit-released',
  'invoice-cancelled',
]);

type Kept = { -readonly [key in keyof Standing]: Standing[key] };

/** Every line that is or was a patient's, in the order it became so; `where` narrows to a visit, claim or Invoice. */
export function patientStanding(journal: readonly Entry[], where: About = {}): Standing[] {
  const lines = new Map<string, Kept>();
  const touched = new Set<string>();
  for (const { reason, postings } of journal) {
    for (const p of postings) {
      const invoiced = p.account === 'receivable-patient-invoiced';
      if (!invoiced && p.account !== 'receivable-patient-not-invoiced') continue;
      // a balance of a former system is of no claim and no charge: its Invoice tells it from others
      const direct = p.charge ?? (invoiced ? p.invoice : undefined) ?? '';
      const key = `${p.claim ?? ''}|${p.item ?? ''}|${p.claim === undefined ? direct : ''}`;
      if (dimensions.every((d) => where[d] === undefined || where[d] === p[d])) touched.add(key);
      const line = lines.get(key) ?? start(p);
      lines.set(key, line);
      if (invoiced) line.invoiced = add(line.invoiced, p.amount);
      else line.notInvoiced = add(line.notInvoiced, p.amount);
      if (ofPayments.has(reason)) line.applied = add(line.applied, negate(p.amount));
      else if (reason === 'write-off' || reason === 'write-off-reversed')
        line.writtenOff = add(line.writtenOff, negate(p.amount));
      else line.share = add(line.share, p.amount);
    }
  }
  return [...lines].filter(([key]) => touched.has(key)).map(([, line]) => line);
}

const start = ({ encounter, claim, item, charge }: About): Kept => ({
  encounter,
  claim,
  item,
  charge,
  share: zero,
  notInvoiced: zero,
  invoiced: zero,
  applied: zero,
  writtenOff: zero,
});
