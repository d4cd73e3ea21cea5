import type { ElementType } from './guide.ts';

/** What is wrong with a value, as IK403 says it; undefined when nothing is. */
export interface ValueFault {
  readonly code: string;
  readonly sentence: string;
}

const unprintable = /[\x00-\x1f\x7f]/;
const whole = /^-?\d+$/;
const decimal = /^-?(?:\d+\.?\d*|\.\d+)$/;
const daysIn = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** True for CCYYMMDD or YYMMDD that exists in the calendar. */
export function isX12Date(value: string): boolean {
  if (!/^(?:\d{6}|\d{8})$/.test(value)) return false;
  const year = Number(value.slice(0, -4));
  const month = Number(value.slice(-4, -2));
  const day = Number(value.slice(-2));
  if (day < 1 || day > (daysIn[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
}

/** True for HHMM, HHMMSS or HHMMSS with tenths or hundredths. */
export const isX12Time = (value: string): boolean =>
  /^(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:\d{1,2})?)?$/.test(value);

/** Looks at one value of a type; lengths and code lists are looked at elsewhere. */
export function typeFault(type: ElementType | undefined, value: string): ValueFault | undefined {
  switch (type) {
    case 'R':
      return decimal.test(value) ? undefined : { code: '6', sentence: 'is no decimal number' };
    case 'N0':
    case 'N2':
      return whole.test(value) ? undefined : { code: '6', sentence: 'is no whole number' };
    case 'DT':
      return isX12Date(value) ? undefined : { code: '8', sentence: 'is no date' };
    case 'TM':
      return isX12Time(value) ? undefined : { code: '9', sentence: 'is no time' };
    case 'B':
    case undefined:
      return undefined;
    case 'AN':
    case 'ID':
      return unprintable.test(value)
        ? { code: '6', sentence: 'holds a character that is not printable' }
        : undefined;
  }
}

/** Characters that count towards the length: not the sign and the decimal point of a number. */
export const countedLength = (type: ElementType | undefined, value: string): number =>
  type === 'R' || type === 'N0' || type === 'N2' ? value.replace(/[-.]/g, '').length : value.length;

/** A period or date whose format stands in the element before it (DTP02 and DTP03). */
export function formatFault(format: string, value: string): ValueFault | undefined {
  switch (format) {
    case 'D8':
      return value.length === 8 && isX12Date(value) ? undefined : notADate;
    case 'D6':
      return value.length === 6 && isX12Date(value) ? undefined : notADate;
    case 'RD8':
      return isRange(value) ? undefined : notADate;
    case 'TM':
      return isX12Time(value) ? undefined : { code: '9', sentence: 'is no time' };
    case 'DT':
      return isX12Date(value.slice(0, 8)) && isX12Time(value.slice(8)) ? undefined : notADate;
    default:
      return undefined;
  }
}

const notADate: ValueFault = { code: '8', sentence: 'is no date of the format told before it' };

function isRange(value: string): boolean {
  const [from = '', to = '', more] = value.split('-');
  return more === undefined && from.length === 8 && to.length === 8 && isX12Date(from) && isX12Date(to);
}
