import { cents, exactCents, rateOf, toDecimal, type Cents } from '../../datatypes/cents.ts';
import { csvFields, csvLines } from '../../datatypes/csvLines.ts';

/** What a price is for where it is not for a unit: the claim as a whole, or each of its days. */
export type Per = 'case' | 'day';

/**
 * What a payer has agreed to for one code: an amount for each unit, or a percentage of the charge. With `per` for the
 * claim as a whole: of a stay by its MS-DRG (DRG470) or of every stay (*), of a visit by a service that is on it.
 */
export interface Rate {
  readonly code: string; // HCPCS, CPT, CDT or DRG and its number; '*': every code without a row
  readonly per?: Per;
  readonly modifier: string; // '' for every modifier that has no row of its own
  readonly price?: Cents; // for each unit
  readonly percent?: number; // basis points of the charge
  readonly multiple?: number; // basis points, of the second and further such lines of a day
  readonly bilateral?: number; // basis points, with modifier 50
}

export interface RatesRead {
  readonly rates: readonly Rate[];
  readonly faults: readonly string[];
}

/** A schedule has at most so many rows: it is read with each claim that goes. */
export const mostRates = 5000;

const columns = ['code', 'modifier', 'per', 'price', 'percent', 'multiple', 'bilateral'] as const;
type Column = (typeof columns)[number];
const isColumn = (name: string): name is Column => columns.some((one) => one === name);

/** At most 1,000 percent, with two decimals. */
const mostPercent = 100_000;

/** A decimal of at most two places that is not negative, in hundredths: dollars as cents, percent as basis points. */
export function hundredths(text: string): number | undefined {
  return /^\d{1,9}(?:\.\d{1,2})?$/.test(text) ? exactCents(Number(text)) : undefined;
}

/** A rate in hundredths of a percent; none where it is nothing or above 1,000 percent. */
export function percentOf(text: string): number | undefined {
  const points = hundredths(text);
  return points === undefined || points === 0 || points > mostPercent ? undefined : points;
}

/** Reads a schedule as comma-separated values with a head line. Every fault is named; with one, nothing counts. */
export function readRates(text: string): RatesRead {
  const [head = '', ...lines] = csvLines(text);
  const names = csvFields(head).map((name) => name.toLowerCase());
  const faults: string[] = names
    .filter((name, i) => !isColumn(name) || names.indexOf(name) !== i)
    .map((_, i) => `the head line names a column that is not known, or one twice (${i + 1})`);
  if (!names.includes('code')) faults.push('the head line names no column code');
  if (faults.length > 0) return { rates: [], faults };
  const rates: Rate[] = [];
  const seen = new Map<string, number>();
  for (const [i, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const n = i + 2;
    const row = csvFields(line);
    if (row.length > names.length) {
      faults.push(`line ${n} has more fields than the head line`);
      continue;
    }
    const read = rateOfRow((column) => row[names.indexOf(column)] ?? '');
    if (typeof read === 'string') {
      faults.push(`line ${n}: ${read}`);
      continue;
    }
    const key = `${read.code}|${read.modifier}|${read.per === undefined ? '' : 'whole'}`;
    const before = seen.get(key);
    if (before !== undefined) faults.push(`line ${n} says again what line ${before} says`);
    seen.set(key, n);
    rates.push(read);
  }
  if (rates.length === 0 && faults.length === 0) faults.push('there is no row');
  if (rates.length > mostRates) faults.push(`there are more than ${mostRates} rows`);
  return { rates: faults.length > 0 ? [] : rates, faults };
}

/** One row, or what is wrong with it. */
function rateOfRow(field: (column: Column) => string): Rate | string {
  const [code, modifier] = [field('code').toUpperCase(), field('modifier').toUpperCase()];
  if (code !== '*' && !/^[A-Z0-9]{4,7}$/.test(code)) return 'the code is missing or malformed';
  if (modifier !== '' && !/^[A-Z0-9]{2}$/.test(modifier)) return 'the modifier has not two characters';
  const rates: Record<'percent' | 'multiple' | 'bilateral', number | undefined> = {
    percent: undefined,
    multiple: undefined,
    bilateral: undefined,
  };
  for (const column of ['percent', 'multiple', 'bilateral'] as const) {
    const text = field(column);
    if (text === '') continue;
    rates[column] = percentOf(text);
    if (rates[column] === undefined) return `${column} is no percentage above 0 and up to 1000`;
  }
  const said = field('price');
  const price = said === '' ? undefined : hundredths(said);
  if (said !== '' && price === undefined) return 'the price is negative or no amount of dollars and cents';
  if ((price === undefined) === (rates.percent === undefined)) return 'a row has either a price or a percent';
  const { percent, multiple, bilateral } = rates;
  const per = field('per').toLowerCase();
  if (per !== '' && per !== 'unit' && per !== 'case' && per !== 'day') return 'per is unit, case or day';
  const isWhole = per === 'case' || per === 'day';
  if (isWhole && (modifier !== '' || multiple !== undefined || bilateral !== undefined))
    return 'a rate for a case or a day has no modifier, multiple or bilateral';
  if (per === 'day' && price === undefined) return 'a rate for a day is a price';
  if (!isWhole && /^DRG/.test(code)) return 'a rate of a DRG is for a case or a day';
  if (/^DRG/.test(code) && !/^DRG\d{3}$/.test(code)) return 'a DRG is DRG and three digits';
  if (code === '*' && !isWhole && price !== undefined) return 'every other code is paid by a percent only';
  return {
    ...{ code, modifier },
    ...(isWhole ? { per } : {}),
    ...(price === undefined ? {} : { price: cents(price) }),
    ...(percent === undefined ? {} : { percent }),
    ...(multiple === undefined ? {} : { multiple }),
    ...(bilateral === undefined ? {} : { bilateral }),
  };
}

/** A schedule as a percentage of another: its prices are reckoned now, and rows of its own take their place. */
export function ratesFrom(base: readonly Rate[], percent: number, own: readonly Rate[]): Rate[] {
  const kindOf = ({ code, per }: Rate): string => `${code}|${per === undefined ? '' : 'whole'}`;
  const carved = new Set(own.map(kindOf));
  const taken = base.filter((rate) => !carved.has(kindOf(rate)));
  return [
    ...taken.map((rate) => ({
      ...rate,
      ...(rate.price === undefined ? {} : { price: rateOf(percent, rate.price) }),
      ...(rate.percent === undefined ? {} : { percent: rateOf(percent, cents(rate.percent)) }),
    })),
    ...own,
  ];
}

const shown = (hundredth: number | undefined): string =>
  hundredth === undefined ? '' : toDecimal(cents(hundredth)).toString();

/** A schedule as it is kept. */
export const ratesText = (rates: readonly Rate[]): string => {
  // a schedule without rates for a case is kept as before there were any, so that the same again is known
  const hasPer = rates.some(({ per }) => per !== undefined);
  return [
    columns.filter((column) => hasPer || column !== 'per').join(','),
    ...rates.map((r) =>
      [
        ...[r.code, r.modifier, ...(hasPer ? [r.per ?? ''] : [])],
        ...[r.price === undefined ? '' : toDecimal(r.price).toString()],
        ...[shown(r.percent), shown(r.multiple), shown(r.bilateral)],
      ].join(','),
    ),
  ].join('\n');
};
