import type { EntryMatcher, Kind } from '../kind.ts';
import { malformed } from '../malformed.ts';
import { justAbove, matchesAmount, orderedOperators, rangeOf } from '../numberRange.ts';
import { withPrefix } from '../prefix.ts';
import type { FilterValue } from '../query.ts';
import { splitAt, unescaped } from '../split.ts';
import { canonicalUnit, ucumSystem } from '../ucum.ts';

/** A quantity as a range, low = high for a point; `system` and `code` are '' where there is none. */
export interface Amount {
  readonly low: number;
  readonly high: number;
  readonly system: string;
  readonly code: string;
}

const lowest = -Number.MAX_VALUE;
const highest = Number.MAX_VALUE;

interface Element {
  readonly value?: unknown;
  readonly comparator?: unknown;
  readonly unit?: unknown;
  readonly system?: unknown;
  readonly code?: unknown;
  readonly currency?: unknown;
  readonly low?: unknown;
  readonly high?: unknown;
  readonly origin?: unknown;
  readonly factor?: unknown;
  readonly data?: unknown;
}
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * The amounts of a number, Quantity, Money, Range or SampledData (its bounds). A unit that differs from the code gives a
 * second one.
 */
export function amountsOf(value: unknown): Amount[] {
  if (typeof value === 'number') return [{ low: value, high: value, system: '', code: '' }];
  if (typeof value !== 'object' || value === null) return [];
  const { value: number, comparator, unit, system, code, currency, low, high, origin } = value as Element;
  if (typeof number === 'number') {
    const below = comparator === '<' || comparator === '<=';
    const above = comparator === '>' || comparator === '>=';
    const range = { low: below ? lowest : number, high: above ? highest : number };
    if (typeof currency === 'string') return [{ ...range, system: 'urn:iso:std:iso:4217', code: currency }];
    const coded = { ...range, system: text(system), code: code === undefined ? text(unit) : text(code) };
    const named = typeof code === 'string' && typeof unit === 'string' && unit !== code;
    return named ? [coded, { ...range, system: '', code: unit }] : [coded];
  }
  if (origin !== undefined) return amountsOf(origin).map((amount) => sampled(amount, value));
  const [from, to] = [amountsOf(low), amountsOf(high)];
  const [first] = from.length > 0 ? from : to;
  return first ? [{ ...first, low: from[0]?.low ?? lowest, high: to[0]?.high ?? highest }] : [];
}

/** The range of the sampled values; marks that are no numbers (error, below or above the limits) are left out. */
function sampled(origin: Amount, { factor, data }: Element): Amount {
  const numbers = text(data)
    .split(/\s+/)
    .filter((part) => /\d/.test(part));
  const values = numbers.map((part) => origin.low + Number(part) * (typeof factor === 'number' ? factor : 1));
  if (values.length === 0) return origin;
  const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [highest, lowest]);
  return { ...origin, low, high };
}

/** True for a quantity that is compared as it is written. */
export const isCanonical = ({ system, code }: Amount): boolean =>
  system !== ucumSystem || code === '' || canonicalUnit(code)?.code === code;

/** A quantity in the canonical unit of its dimension; undefined where its unit is none of UCUM. */
export function canonicalOf({ low, high, system, code }: Amount): Amount | undefined {
  if (system !== ucumSystem || code === '') return undefined;
  const unit = canonicalUnit(code);
  return unit && { low: unit.convert(low), high: unit.convert(high), system, code: unit.code };
}

/** Reads `5.4`, `le5.4|system|mg`, `5.4||mg`. See https://hl7.org/fhir/R4/search.html#quantity */
export function quantityValue(value: string): FilterValue {
  const [amount = '', ...unit] = splitAt(value, '|').map(unescaped);
  const { prefix, rest } = withPrefix(amount);
  const range = rangeOf(prefix, rest);
  const [system, code] = unit;
  if (!range || unit.length === 1 || unit.length > 2)
    throw malformed(value, 'a quantity: 5.4 or 5.4|system|code, with eq, gt, le … in front');
  return {
    text: value,
    prefix,
    ...range,
    ...(system ? { system } : {}),
    ...(code ? { code } : {}),
  };
}

/** The same amount in the canonical unit of its dimension; undefined where it is compared as written. */
export function canonicalValue(asked: FilterValue): FilterValue | undefined {
  const { system, code = '', value = 0, low = 0, high = 0 } = asked;
  const unit = system === ucumSystem && code !== '' ? canonicalUnit(code) : undefined;
  if (!unit) return undefined;
  const converted = unit.convert(value);
  // Converting rounds, which may empty a range: the number itself has to stay in it.
  const range = { low: unit.convert(low), high: Math.max(unit.convert(high), justAbove(converted)) };
  return { ...asked, code: unit.code, value: converted, ...range };
}

/** As written; where both units are of UCUM, in the canonical unit of their dimension. */
function matchesQuantity(value: FilterValue): EntryMatcher {
  const canonical = canonicalValue(value);
  return (entry) => {
    if (entry.kind !== 'quantity') return false;
    const of = canonical && canonicalOf(entry);
    if (of) return of.code === canonical.code && matchesAmount(canonical, of);
    if (value.system !== undefined && entry.system !== value.system) return false;
    return (value.code === undefined || entry.code === value.code) && matchesAmount(value, entry);
  };
}

/** See https://hl7.org/fhir/R4/search.html#quantity */
export const quantityKind: Kind = {
  weight: 20,
  operators: orderedOperators,
  parse: quantityValue,
  /** A quantity in a unit that is not the canonical one of its dimension has a second entry, in that unit. */
  entries: (parameter, { registry, to }) => {
    const ucum = registry.derived(parameter, 'ucum');
    return (value) => {
      for (const amount of amountsOf(value)) {
        to.entries.push({ parameter, kind: 'quantity', ...amount });
        if (isCanonical(amount)) continue;
        const canonical = canonicalOf(amount);
        if (canonical) to.entries.push({ parameter: ucum, kind: 'quantity', ...canonical });
      }
    };
  },
  match: (_, value) => matchesQuantity(value),
  sortValue: (entry) => (entry.kind === 'quantity' ? entry.low : undefined),
};
