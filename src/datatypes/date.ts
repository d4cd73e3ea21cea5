import { LRUCache } from 'lru-cache';
import type { Period } from '@medplum/fhirtypes';

/** A FHIR date with its day: YYYY-MM-DD. */
const fullDate = /^\d{4}-\d{2}-\d{2}$/;

const daysOfMonths: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** True for a full date that exists in the calendar. */
export function isDate(text: string): boolean {
  if (!fullDate.test(text)) return false;
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 && isLeap ? 29 : (daysOfMonths[month - 1] ?? 0);
  return day >= 1 && day <= last;
}

/** The local date part of a FHIR date, dateTime or instant, as written. */
export const dateOf = (text: string): string => text.slice(0, 10);

/** A day some days later (or earlier, when negative). */
export function addDays(date: string, days: number): string {
  const d = new Date(`${date}T00:00:00Z`);
  d.setUTCDate(d.getUTCDate() + days);
  return d.toISOString().slice(0, 10);
}

/** Whole days from one date to another; negative when the second is earlier. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

/** The same day so many months later; in a shorter month its last day. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const whole = year * 12 + month - 1 + months;
  const pad = (n: number, width: number): string => n.toString().padStart(width, '0');
  const begins = (n: number): string => `${pad(Math.floor(n / 12), 4)}-${pad((n % 12) + 1, 2)}-01`;
  return addDays(begins(whole), Math.min(day, daysBetween(begins(whole), begins(whole + 1))) - 1);
}

/** Age in whole years on a day. */
export function ageOn(birthDate: string, on: string): number {
  const years = Number(on.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return on.slice(5) < birthDate.padEnd(10, '-01').slice(5) ? years - 1 : years;
}

/** True when the period, open ends included, holds the day. Partial dates count with all their days. */
export function contains(period: Period | undefined, on: string): boolean {
  const { start, end } = period ?? {};
  if (start !== undefined && dateOf(start) > on) return false;
  return end === undefined || dateOf(end) >= on.slice(0, dateOf(end).length);
}

/** True for a time zone of the IANA database, as in America/New_York; an offset is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    zoneFormat(name);
    return true;
  } catch {
    return false;
  }
}

/** Since 1980 every zone differs from UTC by whole quarters of an hour: within one of UTC its date does not change. */
const quarterHour = 900_000;
const wholeQuartersSince = Date.UTC(1980, 0, 1);
const datesMax = 500;
const dates = new LRUCache<string, string>({ max: datesMax });

/** The calendar date of an instant in a time zone (IANA name). */
export function dateInZone(instant: string, zone: string): string {
  const at = Date.parse(instant);
  if (!(at >= wholeQuartersSince)) return zoneFormat(zone).format(new Date(instant));
  const key = `${Math.floor(at / quarterHour)} ${zone}`;
  const known = dates.get(key);
  if (known !== undefined) return known;
  const date = zoneFormat(zone).format(at);
  dates.set(key, date);
  return date;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function zoneFormat(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  formats.set(zone, made);
  return made;
}

/** An instant some seconds later. */
export const addSeconds = (instant: string, seconds: number): string =>
  new Date(Date.parse(instant) + seconds * 1000).toISOString();

/** An instant as HTTP writes it, whole seconds. See https://www.rfc-editor.org/rfc/rfc9110#http.date */
export const toHttpDate = (instant: string): string => new Date(instant).toUTCString();

/** Epoch milliseconds of an instant or an HTTP date; undefined when it is neither. */
export function epochOf(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
