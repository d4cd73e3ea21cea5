import type { Period, Timing } from '@medplum/fhirtypes';
import type { TypedValue } from '@medplum/core';
import { prefixed, type Range } from './text.ts';

/** The time that a date covers by its precision, [low, high); one without a zone is read as UTC. */
export function timeOf(text: string): Range {
  const [day = '', clock] = text.split('T');
  const [year = 0, month, date] = day.split('-').map(Number);
  if (clock === undefined) {
    const at = (y: number, m: number, d: number): number => {
      const moment = new Date(0);
      return moment.setUTCFullYear(y, m, d);
    };
    if (month === undefined) return { low: at(year, 0, 1), high: at(year + 1, 0, 1) };
    if (date === undefined) return { low: at(year, month - 1, 1), high: at(year, month, 1) };
    return { low: at(year, month - 1, date), high: at(year, month - 1, date + 1) };
  }
  const zone = /(Z|[+-]\d\d:\d\d)$/.exec(clock)?.[1];
  const time = zone === undefined ? clock : clock.slice(0, -zone.length);
  const low = Date.parse(`${day}T${time}${zone ?? 'Z'}`);
  const [, minutes, seconds] = time.split(':');
  if (minutes === undefined || seconds === undefined) return { low, high: low + 60_000 };
  return { low, high: low + (seconds.includes('.') ? 1 : 1000) };
}

const whole: Range = { low: -Infinity, high: Infinity };

function periodOf({ start, end }: Period): Range | undefined {
  if (start === undefined && end === undefined) return undefined;
  return {
    low: start === undefined ? whole.low : timeOf(start).low,
    high: end === undefined ? whole.high : timeOf(end).high,
  };
}

/** Only the outer limits of a Timing matter. See https://hl7.org/fhir/R4/search.html#date */
function timingOf({ event, repeat }: Timing): Range | undefined {
  const all = [
    ...(event ?? []).map(timeOf),
    ...(repeat?.boundsPeriod ? [periodOf(repeat.boundsPeriod)] : []),
  ].filter((range) => range !== undefined);
  if (all.length === 0) return undefined;
  return { low: Math.min(...all.map((r) => r.low)), high: Math.max(...all.map((r) => r.high)) };
}

/** The time of an element; what is no date (the string of a choice) has none. */
export function momentOf({ type, value }: TypedValue): Range | undefined {
  if (type === 'Period') return periodOf(value as Period);
  if (type === 'Timing') return timingOf(value as Timing);
  return /^(date|dateTime|instant)$/i.test(type) ? timeOf(value as string) : undefined;
}

/** A date with a margin that ap adds: a tenth of the time between now and the date. */
function around(asked: Range, now: number): Range {
  const margin = Math.abs(now - (asked.low > now ? asked.low : Math.min(asked.high, now))) / 10;
  return { low: asked.low - margin, high: asked.high + margin };
}

/** The table of https://hl7.org/fhir/R4/search.html#prefix for ranges. */
export function momentMeets(element: TypedValue, text: string, now: number): boolean {
  const own = momentOf(element);
  if (!own) return false;
  const [prefix, rest] = prefixed(text);
  const asked = timeOf(rest);
  const within = asked.low <= own.low && own.high <= asked.high;
  switch (prefix) {
    case 'ne':
      return !within;
    case 'gt':
      return own.high > asked.high;
    case 'lt':
      return own.low < asked.low;
    case 'ge':
      return own.high > asked.high || within;
    case 'le':
      return own.low < asked.low || within;
    case 'sa':
      return own.low >= asked.high;
    case 'eb':
      return own.high <= asked.low;
    case 'ap': {
      const wide = around(asked, now);
      return own.low < wide.high && own.high > wide.low;
    }
    default:
      return within;
  }
}
