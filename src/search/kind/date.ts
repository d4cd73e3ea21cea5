import { malformed } from '../malformed.ts';
import type { Kind } from '../kind.ts';
import { orderedOperators } from '../numberRange.ts';
import { choices } from '../parameter.ts';
import type { FilterValue } from '../query.ts';
import { withPrefix } from '../prefix.ts';

/** A stretch of time in epoch milliseconds, `high` exclusive. */
export interface Stretch {
  readonly low: number;
  readonly high: number;
}

/** Start and end of an open Period: the least and greatest instants of JavaScript. */
export const beginning = -8_640_000_000_000_000;
export const end = 8_640_000_000_000_000;

/** The number of two digits; NaN where there are none. */
function two(text: string, at: number): number {
  const a = text.charCodeAt(at) - 48;
  const b = text.charCodeAt(at + 1) - 48;
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : NaN;
}

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
function daysIn(year: number, month: number): number {
  const isLeap = month === 1 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return isLeap ? 29 : (days[month] ?? 0);
}

/** Date.UTC takes 0–99 for 1900–1999. */
function utc(year: number, month: number, day: number): number {
  if (year > 99) return Date.UTC(year, month, day);
  return new Date(0).setUTCFullYear(year, month, day);
}

/**
 * The period that a FHIR date, dateTime or instant covers by its precision; without a zone it is UTC. It is read
 * character by character for speed: every date of every written resource passes here.
 */
export function stretchOf(text: string): Stretch | undefined {
  const { length } = text;
  const year = two(text, 0) * 100 + two(text, 2);
  if (!(year > 0)) return undefined; // FHIR has no year 0000
  if (length === 4) return { low: utc(year, 0, 1), high: utc(year + 1, 0, 1) };
  const month = two(text, 5) - 1;
  if (text[4] !== '-' || !(month >= 0 && month < 12)) return undefined;
  if (length === 7) return { low: utc(year, month, 1), high: utc(year, month + 1, 1) };
  const date = two(text, 8);
  if (text[7] !== '-' || !(date >= 1 && date <= daysIn(year, month))) return undefined;
  const day = utc(year, month, date);
  if (length === 10) return { low: day, high: day + 86_400_000 };
  return text[10] === 'T' ? momentOf(text, day) : undefined;
}

/** The same of a date in a search: a + of a zone may have been decoded as a blank, and 24:00 is refused. */
export function askedStretchOf(text: string): Stretch | undefined {
  return text.slice(10, 13) === 'T24' ? undefined : stretchOf(text.replace(/ (\d\d:\d\d)$/, '+$1'));
}

/** Reads from the hour on. 24:00 is the end of the day, a leap second the start of the next minute. */
function momentOf(text: string, day: number): Stretch | undefined {
  const hour = two(text, 11);
  const minute = two(text, 14);
  if (!(hour <= 24 && minute <= 59) || text[13] !== ':') return undefined;
  let at = 16;
  let second = 0;
  let lasts = 60_000;
  let part = 0;
  if (text[at] === ':') {
    second = two(text, 17);
    if (!(second <= 60)) return undefined;
    lasts = 1000;
    at = 19;
    if (text[at] === '.') {
      const from = at++;
      while (at < text.length && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
      if (at === from + 1) return undefined;
      part = Math.floor(Number(text.slice(from, at)) * 1000 + 1e-6);
      lasts = 1;
    }
  }
  const zone = offset(text, at);
  if (zone === undefined || (hour === 24 && minute + second + part > 0)) return undefined;
  const low = day + hour * 3_600_000 + minute * 60_000 + second * 1000 + part - zone;
  return { low, high: low + lasts };
}

/** The milliseconds that a zone is ahead of UTC; undefined where it is none. */
function offset(text: string, at: number): number | undefined {
  const sign = text[at];
  if (sign === undefined) return 0;
  if (sign === 'Z') return text.length === at + 1 ? 0 : undefined;
  const hours = two(text, at + 1);
  const minutes = two(text, at + 4);
  const isWhole = (sign === '+' || sign === '-') && text[at + 3] === ':' && text.length === at + 6;
  if (!isWhole || !(hours <= 14 && minutes <= 59)) return undefined;
  return (hours * 60 + minutes) * (sign === '-' ? -60_000 : 60_000);
}

interface Element {
  readonly start?: unknown;
  readonly end?: unknown;
  readonly event?: unknown;
  readonly repeat?: { readonly boundsPeriod?: unknown };
}

/** The stretch of a date, dateTime, instant, Period or Timing (its outer limits). */
export function dateOf(value: unknown): Stretch | undefined {
  if (typeof value === 'string') return stretchOf(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const { start, end: last, event, repeat } = value as Element;
  if (start !== undefined || last !== undefined) {
    const [from, to] = [
      typeof start === 'string' ? stretchOf(start) : undefined,
      typeof last === 'string' ? stretchOf(last) : undefined,
    ];
    return { low: from?.low ?? beginning, high: to?.high ?? end };
  }
  const events = Array.isArray(event) ? event.map(dateOf) : [];
  const all = [...events, dateOf(repeat?.boundsPeriod)].filter((s) => s !== undefined);
  if (all.length === 0) return undefined;
  return { low: Math.min(...all.map((s) => s.low)), high: Math.max(...all.map((s) => s.high)) };
}

/** The period of `ap`: widened on either side by 10 % of its distance from now. */
function approximate({ low, high }: Stretch, now: number | undefined): Stretch {
  const gap = now === undefined ? 0 : Math.max(low - now, now - high, 0) * 0.1;
  return { low: low - gap, high: high + gap };
}

/** Reads `ge2024-01`, … `now` is epoch milliseconds. See https://hl7.org/fhir/R4/search.html#date */
export function dateValue(text: string, now?: number): FilterValue {
  const { prefix, rest } = withPrefix(text);
  const stretch = askedStretchOf(rest);
  if (!stretch)
    throw malformed(text, 'a date: 2024, 2024-01, 2024-01-31 or 2024-01-31T10:00:00Z, with eq, ge, lt …');
  return { text, prefix, ...(prefix === 'ap' ? approximate(stretch, now) : stretch) };
}

/** Whether a period matches an ordered value; `high` is exclusive on both sides. */
function matchesStretch({ prefix, low = 0, high = 0 }: FilterValue, found: Stretch): boolean {
  const inside = found.low >= low && found.high <= high;
  switch (prefix) {
    case 'ne':
      return !inside;
    case 'gt':
      return found.high > high;
    case 'lt':
      return found.low < low;
    case 'ge':
      return found.high > high || inside;
    case 'le':
      return found.low < low || inside;
    case 'sa':
      return found.low >= high;
    case 'eb':
      return found.high <= low;
    case 'ap':
      return found.low < high && found.high > low;
    default:
      return inside;
  }
}

/** See https://hl7.org/fhir/R4/search.html#date */
export const dateKind: Kind = {
  weight: 3,
  operators: [...orderedOperators, 'po'],
  // A string that stands where a date could (CarePlan.activity.detail.scheduledString) is no date, whatever it says.
  choices: Object.fromEntries(
    Object.entries(choices).map(([name, types]) => [name, types.filter((type) => type !== 'String')]),
  ),
  parse: (text, _, { now }) => dateValue(text, now),
  entries:
    (parameter, { to }) =>
    (value) => {
      const stretch = dateOf(value);
      if (stretch) to.entries.push({ parameter, kind: 'date', low: stretch.low, high: stretch.high });
    },
  match: (_, value) => (entry) => entry.kind === 'date' && matchesStretch(value, entry),
  sortValue: (entry) => (entry.kind === 'date' ? entry.low : undefined),
};
