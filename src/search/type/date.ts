import { malformed } from '../malformed.ts';
import type { FilterValue } from '../query.ts';
import { withPrefix } from '../prefix.ts';

/** A stretch of time in epoch milliseconds, `high` exclusive. */
export interface Stretch {
  readonly low: number;
  readonly high: number;
}

/** Where an open Period begins and ends: the outermost instants JavaScript knows. */
export const beginning = -8_640_000_000_000_000;
export const end = 8_640_000_000_000_000;

const pattern = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** The stretch that a FHIR date, dateTime or instant covers by its precision; without a zone it is UTC. */
export function stretchOf(text: string): Stretch | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, y = '', m, d, hour, minute = '', second, fraction, zone = 'Z'] = match;
  const [year, month, date] = [Number(y), Number(m ?? 1) - 1, Number(d ?? 1)];
  const low = utc(year, month, date);
  if (new Date(low).getUTCMonth() !== month) return undefined; // 31 February
  if (m === undefined) return { low, high: utc(year + 1, 0, 1) };
  if (d === undefined) return { low, high: utc(year, month + 1, 1) };
  if (hour === undefined) return { low, high: low + 86_400_000 };
  const part = fraction === undefined ? 0 : Math.floor(Number(fraction) * 1000 + 1e-6);
  const at = Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second ?? 0) * 1000 + part;
  if (Number(hour) > 24 || Number(minute) > 59 || Number(second ?? 0) > 60) return undefined;
  const from = low + at - offset(zone);
  return { low: from, high: from + (second === undefined ? 60_000 : fraction === undefined ? 1000 : 1) };
}

/** Date.UTC takes 0–99 for 1900–1999. */
function utc(year: number, month: number, day: number): number {
  if (year > 99) return Date.UTC(year, month, day);
  return new Date(0).setUTCFullYear(year, month, day);
}

function offset(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
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

/** What is near enough to a stretch: 10 % of the gap between now and it, on either side. */
function approximate({ low, high }: Stretch, now: number | undefined): Stretch {
  const gap = now === undefined ? 0 : Math.max(low - now, now - high, 0) * 0.1;
  return { low: low - gap, high: high + gap };
}

/** Reads `ge2024-01`, … `now` is epoch milliseconds. See https://hl7.org/fhir/R4/search.html#date */
export function dateValue(text: string, now?: number): FilterValue {
  const { prefix, rest } = withPrefix(text);
  const stretch = stretchOf(rest.replace(/ (\d\d:\d\d)$/, '+$1')); // a + that was decoded as a space
  if (!stretch)
    throw malformed(text, 'a date: 2024, 2024-01, 2024-01-31 or 2024-01-31T10:00:00Z, with eq, ge, lt …');
  return { text, prefix, ...(prefix === 'ap' ? approximate(stretch, now) : stretch) };
}
