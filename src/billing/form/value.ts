import type { Address, ContactPoint, HumanName } from '@medplum/fhirtypes';
import { toText, type Cents } from '../../datatypes/cents.ts';

/** How a paper form writes names, addresses, dates and amounts. */

/** LAST, FIRST, MIDDLE: commas between, nothing else; the suffix after the last name. */
export function personName(names: readonly HumanName[] | undefined): string {
  const name = names?.find((n) => n.use === 'official') ?? names?.[0];
  if (!name) return '';
  const family = [name.family ?? '', ...(name.suffix ?? [])].join(' ');
  const parts = [family, name.given?.[0] ?? '', name.given?.[1] ?? ''].map(plain).filter((p) => p !== '');
  return parts.length === 0 ? plain(name.text ?? '') : parts.join(', ');
}

/** The same in the order of speech: FIRST MIDDLE LAST. */
export function spokenName(names: readonly HumanName[] | undefined): string {
  const name = names?.find((n) => n.use === 'official') ?? names?.[0];
  const parts = [...(name?.given ?? []), name?.family ?? '', ...(name?.suffix ?? [])];
  return plain(parts.join(' ')) || plain(name?.text ?? '');
}

/** Without the marks that a form does not take. */
export const plain = (text: string): string =>
  text
    .replace(/[.,#;:]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

export const digits = (text: string | undefined): string => (text ?? '').replace(/\D/g, '');

export const streetLines = (address: Address | undefined): string => plain((address?.line ?? []).join(' '));

/** CITY ST ZIP on one line. */
export const cityLine = (address: Address | undefined): string =>
  [plain(address?.city ?? ''), address?.state ?? '', address?.postalCode ?? '']
    .filter((part) => part !== '')
    .join(' ');

export function phoneOf(telecom: readonly ContactPoint[] | undefined): { area: string; number: string } {
  const value = telecom?.find((t) => t.system === 'phone' && digits(t.value) !== '')?.value;
  const number = digits(value).replace(/^1(?=\d{10}$)/, '');
  return number.length === 10 ? { area: number.slice(0, 3), number: number.slice(3) } : { area: '', number };
}

/** The parts of a FHIR date: month, day and year; empty where there is no whole date. */
export function dateParts(date: string | undefined): { month: string; day: string; year: string } {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})/.exec(date ?? '') ?? [];
  return { month, day, year };
}

/** MM DD YY. */
export function shortDate(date: string | undefined): string {
  const { month, day, year } = dateParts(date);
  return month === '' ? '' : `${month} ${day} ${year.slice(2)}`;
}

/** MM DD YYYY: dates of birth. */
export function longDate(date: string | undefined): string {
  const { month, day, year } = dateParts(date);
  return month === '' ? '' : `${month} ${day} ${year}`;
}

/** MMDDYY and MMDDYYYY without spaces, as a UB-04 has them. */
export const closeDate = (date: string | undefined): string => shortDate(date).replaceAll(' ', '');
export const closeLongDate = (date: string | undefined): string => longDate(date).replaceAll(' ', '');

/** Dollars and cents with a space for the line between: 1234 05. */
export const amount = (value: Cents): string => toText(value).replaceAll(',', '').replace('.', ' ');

/** A decimal without a trailing zero. */
export const decimal = (value: number | undefined): string => (value === undefined ? '' : String(value));

/** An ICD code without its point. */
export const noPoint = (code: string): string => code.replace('.', '');

/** The hour of a FHIR dateTime, '00' to '23'; empty where it has no time. */
export const hourOf = (dateTime: string | undefined): string =>
  /^\d{4}-\d{2}-\d{2}T(\d{2})/.exec(dateTime ?? '')?.[1] ?? '';
