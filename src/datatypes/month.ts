import { addDays } from './date.ts';

/** The month of a day: 2026-10-25 → 2026-10. */
export const monthOf = (date: string): string => date.slice(0, 7);

/** The month after one: 2026-12 → 2027-01. */
export function nextMonth(month: string): string {
  const [year = '', number = ''] = month.split('-');
  const next = Number(year) * 12 + Number(number); // months since year 0, counted from 0
  return `${String(Math.floor(next / 12)).padStart(4, '0')}-${String((next % 12) + 1).padStart(2, '0')}`;
}

/** The last day of a month: 2028-02 → 2028-02-29. */
export const lastDayOf = (month: string): string => addDays(`${nextMonth(month)}-01`, -1);

/** Every month from one to another, both included. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = first; month <= last; month = nextMonth(month)) months.push(month);
  return months;
}
