import { exactCents, toDecimal, type Cents } from '../datatypes/cents.ts';
import { isDate } from '../datatypes/date.ts';
import { segment, type Segment, type Value } from './segment.ts';
import { stripped } from './write.ts';

/** Values as X12 writes them: texts, amounts, dates. */

/** Free text without separators, cut to the length of its element. */
export function text(value: string | undefined, max: number): string {
  if (value === undefined) return '';
  if (plain.test(value)) return value.length <= max ? value : value.slice(0, max).trim();
  return stripped(value).slice(0, max).trim();
}

/** Letters, digits and signs that are no separators, without blanks that would be left out: most text is so already. */
const plain = /^(?:[!-)+-9;-\]_-}]+(?: [!-)+-9;-\]_-}]+)*)?$/;

/** The digits of a telephone or tax number. */
export const digits = (value: string | undefined): string => (value ?? '').replace(/\D/g, '');

/** Dollars and cents without trailing zeros (X12 type R, billing rule 10). */
export const amountText = (amount: Cents): string => decimalText(toDecimal(amount));

/** A decimal without exponent. */
export function decimalText(value: number): string {
  const plain = value.toString();
  if (!plain.includes('e')) return plain;
  return value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 9 });
}

/** Whole cents of an amount; undefined where there is none or a part of a cent. */
export const amountOf = (value: string): Cents | undefined =>
  /^-?(\d+\.?\d*|\.\d+)$/.test(value) ? exactCents(Number(value)) : undefined;

/** A number of type R; undefined where there is none. */
export const numberOf = (value: string): number | undefined =>
  /^-?(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : undefined;

/** CCYYMMDD of a FHIR date or dateTime; '' without a full day. */
export function dateText(value: string | undefined): string {
  const [, year, month, day] = (value === undefined ? null : fullDay.exec(value)) ?? [];
  return year === undefined ? '' : `${year}${month ?? ''}${day ?? ''}`;
}

const fullDay = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)/;

/** The FHIR date of CCYYMMDD, also where hours follow. */
export function dateOfText(value: string): string | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})/.exec(value) ?? [];
  const date = `${year ?? ''}-${month ?? ''}-${day ?? ''}`;
  return isDate(date) ? date : undefined;
}

/** DTP of one day (D8) or a range (RD8); nothing without a day. */
export function dtp(qualifier: string, from: string | undefined, through?: string): Segment[] {
  const [start, end] = [dateText(from), dateText(through)];
  if (start === '') return [];
  return end === ''
    ? [segment('DTP', [qualifier, 'D8', start])]
    : [segment('DTP', [qualifier, 'RD8', `${start}-${end}`])];
}

export interface Days {
  readonly start: string;
  readonly end?: string; // where a range was sent
}

/** The days of a DTP03 or of a date in a composite, with the format that says what it is. */
export function daysOf(format: string, value: string): Days | undefined {
  const [from = '', through] = format === 'RD8' ? value.split('-') : [value];
  const start = dateOfText(from);
  const end = through === undefined ? undefined : dateOfText(through);
  if (start === undefined) return undefined;
  return end === undefined ? { start } : { start, end };
}

/** A segment where its first values say anything; a qualifier alone is none. */
export const optional = (id: string, values: readonly Value[], needed: number): Segment[] => {
  const value = values[needed - 1];
  return value === undefined || value === '' ? [] : [segment(id, values)];
};
