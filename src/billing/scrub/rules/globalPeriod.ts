import { daysBetween } from '../../../datatypes/date.ts';
import { isVisit } from '../../../terminology/serviceKind.ts';
import type { Served } from '../earlier.ts';
import { feesOf } from '../fees.ts';
import { fault, type Fault, type ScrubRule } from '../rule.ts';
import type { ClaimView } from '../view.ts';

/** A visit on the day of a procedure, or in the days of care that are paid with it, says why it is paid beside it. */
export const globalPeriod: ScrubRule = {
  id: 'global-period',
  source: 'billing rules 30 and 32; Medicare physician fee schedule, global days, as the practice loaded it',
  carc: '97',
  cure: 'Say with 25 or 57 (day of the procedure) or 24 (days after it) that the visit was for something else.',
  severity: 'error',
  check: (claim) =>
    claim.form !== 'professional' || !claim.tables
      ? []
      : claim.served.flatMap((visit) =>
          visit.isOwn && isVisit(visit.line.code ?? '') ? within(claim, visit) : [],
        ),
};

/** The fault of a visit, at most one: the gravest procedure counts. */
function within(claim: ClaimView, { line, by }: Served): Fault[] {
  const found = claim.served.flatMap((other): ('day' | 'care')[] => {
    const procedure = other.line;
    if (procedure === line || other.by !== by || isVisit(procedure.code ?? '')) return [];
    const days = careDays[feesOf(claim, procedure.code, line.from)?.globalDays ?? ''];
    if (days === undefined || line.from === undefined || procedure.from === undefined) return [];
    const after = daysBetween(procedure.from, line.from);
    const isMajor = days === 90;
    if (after === 0 || (isMajor && after === -1))
      return line.modifiers.some((m) => m === '25' || m === '57') ? [] : ['day'];
    return after > 0 && after <= days && !line.modifiers.includes('24') ? ['care'] : [];
  });
  const at = `${line.at}.productOrService`;
  if (found.includes('day'))
    return [
      fault(
        at,
        'this visit is paid with a procedure of the day, and no modifier says that it was for something else',
      ),
    ];
  return found.includes('care')
    ? [fault(at, 'this visit falls in the days of care that are paid with a procedure', 'warning')]
    : [];
}

/** Days after the procedure whose visits are paid with it. */
const careDays: Readonly<Record<string, number>> = { '000': 0, '010': 10, '090': 90 };
