import { exactCents, toDecimal, zero, type Cents } from '../../datatypes/cents.ts';
import { isDate } from '../../datatypes/date.ts';
import { loopOf, segmentOf, type Loop } from '../../x12/loop.ts';
import { element, type Segment } from '../../x12/segment.ts';

/** An amount of X12; nothing, or no amount, counts as none. */
export function amountOf(segment: Segment | undefined, n: number): Cents {
  const value = segment ? element(segment, n) : '';
  return (/^-?(\d+(\.\d*)?|\.\d+)$/.test(value) ? exactCents(Number(value)) : undefined) ?? zero;
}

/** An amount as X12 writes it: without a sign of currency, and without zeros that say nothing. */
export const amountText = (amount: Cents): string => String(toDecimal(amount));

/** CCYYMMDD as a FHIR date; undefined for what is no day. */
export function dayOf(text: string): string | undefined {
  if (!/^\d{8}$/.test(text)) return undefined;
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  return isDate(day) ? day : undefined;
}

/** A FHIR date as CCYYMMDD. */
export const dayText = (day: string): string => day.slice(0, 10).replaceAll('-', '');

/** The first and the last day of a DTP, D8 or RD8. */
export function daysOf(segment: Segment | undefined): readonly [string, string] | undefined {
  if (!segment) return undefined;
  const [first = '', last = first] = element(segment, 3).split('-');
  const [from, through] = [dayOf(first), dayOf(last)];
  return from !== undefined && through !== undefined ? [from, through] : undefined;
}

/** Element n of a segment of a loop, with this qualifier; '' where it is absent. */
export function said(loop: Loop | undefined, id: string, n: number, qualifier?: string): string {
  const found = loop && segmentOf(loop, id, qualifier);
  return found ? element(found, n) : '';
}

/** The same of a loop inside. */
export const saidIn = (
  loop: Loop | undefined,
  inner: string,
  [id, n, qualifier]: readonly [id: string, n: number, qualifier?: string],
): string => said(loop && loopOf(loop, inner), id, n, qualifier);
