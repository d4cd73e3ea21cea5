import type { Coverage } from '@medplum/fhirtypes';
import { addDays, dateOf } from '../../datatypes/date.ts';
import type { Issue } from '../../outcome/issue.ts';
import type { PayerOrder } from './payerOrder.ts';

/** Days, one after the other, that the same coverages pay for; none: nobody pays for them. */
export interface Stretch {
  readonly start: string;
  readonly end: string;
  readonly coverages: readonly Coverage[];
  readonly faults: readonly Issue[]; // why nobody can be asked, apart from want of coverage
}

/** How a plan has a stay billed whose coverage changes. */
export type CoverageChange = 'admission' | 'split' | 'entitlement';

/** The days on which another coverage may pay than the day before, within a visit. */
export function changeDays(
  coverages: readonly Coverage[],
  visit: { readonly start: string; readonly end: string },
) {
  const days = coverages.flatMap(({ period }) => [
    ...(period?.start === undefined ? [] : [dateOf(period.start)]),
    ...(period?.end === undefined ? [] : [addDays(lastDay(period.end), 1)]),
  ]);
  return [...new Set(days.filter((day) => visit.start < day && day <= visit.end))].sort();
}

/** The last day of a FHIR date, which may be a month or a year. */
function lastDay(date: string): string {
  if (date.length >= 10) return dateOf(date);
  const [year = '', month] = date.split('-');
  const after =
    month === undefined ? `${(Number(year) + 1).toString()}-01-01` : nextMonth(Number(year), Number(month));
  return addDays(after, -1);
}

const nextMonth = (year: number, month: number): string =>
  month === 12
    ? `${(year + 1).toString()}-01-01`
    : `${year.toString()}-${(month + 1).toString().padStart(2, '0')}-01`;

const ids = (coverages: readonly Coverage[]): string => coverages.map((c) => c.id ?? '').join(' ');

/**
 * The stretches of a visit by who pays first (`first`), or by all who pay. A day without payer because of a Coverage
 * that is not active is one that nobody pays for.
 */
export function stretchesOf(
  visit: { readonly start: string; readonly end: string },
  known: readonly Coverage[],
  payersOn: (day: string) => PayerOrder,
  by: 'first' | 'all',
): Stretch[] {
  const starts = [visit.start, ...changeDays(known, visit)];
  const found: { start: string; end: string; coverages: readonly Coverage[]; faults: readonly Issue[] }[] =
    [];
  for (const [i, start] of starts.entries()) {
    const next = starts[i + 1];
    const end = next === undefined ? visit.end : addDays(next, -1);
    const { coverages, faults } = payersOn(start);
    const open = found.at(-1);
    const same = (all: readonly Coverage[]): string => ids(by === 'first' ? all.slice(0, 1) : all);
    if (open && same(open.coverages) === same(coverages)) open.end = end;
    else found.push({ start, end, coverages, faults });
  }
  return found;
}

/** The stretch that a day is in. */
export const stretchOn = (stretches: readonly Stretch[], day: string): Stretch | undefined =>
  stretches.find((s) => s.start <= day && day <= s.end) ??
  (day < (stretches[0]?.start ?? '') ? stretches[0] : stretches.at(-1));

export const isCovered = (stretch: Stretch | undefined): boolean => (stretch?.coverages.length ?? 0) > 0;

/** A bill of a part of a stay: type of bill frequency, and whether the patient is still there at its end. */
export interface StayBill {
  readonly frequency: '1' | '2' | '3' | '4';
  readonly start: string; // statement from
  readonly end: string; // statement through
  readonly stillPatient: boolean;
}

/** The bill of the n-th of several stretches: first 2, then 3, the last of the stay 4. One alone is a whole stay, 1. */
export function stayBill(stretch: Stretch, stay: { readonly start: string; readonly end: string }): StayBill {
  const { start, end } = stretch;
  const first = start <= stay.start;
  const last = end >= stay.end;
  return {
    frequency: first ? (last ? '1' : '2') : last ? '4' : '3',
    start,
    end,
    stillPatient: !last,
  };
}
