import { addDays, daysBetween } from './date.ts';

/** The weekday of a date: 0 is Sunday. 1970-01-01 was a Thursday. */
const weekday = (date: string): number => (((daysBetween('1970-01-01', date) + 4) % 7) + 7) % 7;

/** The n-th weekday of a month (-1: the last). */
function nth(year: number, month: number, day: number, n: number): string {
  const first = `${year.toString()}-${month.toString().padStart(2, '0')}-01`;
  if (n > 0) return addDays(first, ((day - weekday(first) + 7) % 7) + 7 * (n - 1));
  const last = addDays(nth(year, month, day, 4), 7);
  return last.slice(0, 7) === first.slice(0, 7) ? last : addDays(last, -7);
}

/** The holidays of the United States in a year as they are kept: on a Saturday the day before, on a Sunday the day after. */
function holidays(year: number): string[] {
  const kept = (monthDay: string): string => {
    const date = `${year.toString()}-${monthDay}`;
    return addDays(date, weekday(date) === 6 ? -1 : weekday(date) === 0 ? 1 : 0);
  };
  return [
    ...['01-01', '06-19', '07-04', '11-11', '12-25'].map(kept),
    nth(year, 1, 1, 3), // Martin Luther King
    nth(year, 2, 1, 3), // Washington
    nth(year, 5, 1, -1), // Memorial Day
    nth(year, 9, 1, 1), // Labor Day
    nth(year, 10, 1, 2), // Columbus Day
    nth(year, 11, 4, 4), // Thanksgiving
  ];
}

/** Whether offices of the United States work on a day: neither a weekend nor a federal holiday (5 USC 6103). */
export function isBusinessDay(date: string): boolean {
  const day = weekday(date);
  const year = Number(date.slice(0, 4));
  // New Year's Day on a Saturday is kept in the year before
  return day !== 0 && day !== 6 && ![...holidays(year), ...holidays(year + 1)].includes(date);
}

/** The day so many business days later; the day itself does not count. */
export function addBusinessDays(date: string, days: number): string {
  let [at, left] = [date, days];
  while (left > 0) {
    at = addDays(at, 1);
    if (isBusinessDay(at)) left -= 1;
  }
  return at;
}
