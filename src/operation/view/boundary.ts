import type { TypedValue } from '@medplum/core';

/** A boundary is told with eight digits after the point. */
const scale = 1e8;

const day = (year: string, month: string): string =>
  String(new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()).padStart(2, '0');

/**
 * The least or greatest value that a number, date, dateTime or time of its precision may stand for. JSON does not keep
 * the zeros at the end of a number, so 1.0 has the precision of a tenth, as a decimal.
 * See https://hl7.org/fhirpath/#lowboundaryprecision-integer-decimal-date-datetime-time
 */
export function boundary({ type, value }: TypedValue, end: 'low' | 'high'): TypedValue | undefined {
  if (typeof value === 'number') {
    const digits = Math.max(1, (String(value).split('.')[1] ?? '').length);
    const half = 0.5 * 10 ** -digits;
    const moved = end === 'low' ? value - half : value + half;
    return { type: 'decimal', value: Math.round(moved * scale) / scale };
  }
  if (typeof value !== 'string') return undefined;
  const text = value.replace(/^@T?/, '');
  if (/^\d{2}(?::\d{2}){0,2}(?:\.\d+)?$/.test(text)) return { type: 'time', value: timeAt(text, end) };
  const [, year, month, date, time, zone] =
    /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}(?::\d{2}){0,2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/.exec(
      text,
    ) ?? [];
  if (year === undefined) return undefined;
  const toMonth = month ?? (end === 'low' ? '01' : '12');
  const toDay = date ?? (end === 'low' ? '01' : day(year, toMonth));
  const whole = `${year}-${toMonth}-${toDay}`;
  if (type === 'date' || (type === 'string' && time === undefined)) return { type: 'date', value: whole };
  // Without a zone it may be anywhere: the earliest is where the day begins first.
  const at = zone ?? (end === 'low' ? '+14:00' : '-12:00');
  return { type: 'dateTime', value: `${whole}T${timeAt(time ?? '', end)}${at}` };
}

function timeAt(text: string, end: 'low' | 'high'): string {
  const [hour, minute, second = ''] = text.split(':');
  const [whole = '', part] = second.split('.');
  const isLow = end === 'low';
  return [
    hour === undefined || hour === '' ? (isLow ? '00' : '23') : hour,
    minute ?? (isLow ? '00' : '59'),
    `${whole === '' ? (isLow ? '00' : '59') : whole}.${(part ?? '').padEnd(3, isLow ? '0' : '9').slice(0, 3)}`,
  ].join(':');
}
