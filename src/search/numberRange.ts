import type { FilterValue, Prefix } from './query.ts';

const decimal = /^[+-]?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** A number with more digits has no range: half of its last digit is far below the precision of a double. */
const exactDigits = 100;

/** The end of the least range that starts at a number and holds it. */
export const justAbove = (value: number): number =>
  value + Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);

/**
 * The number a text says and the range its precision implies: 100 → [99.5, 100.5), 1e2 → [95, 105). Worked out in
 * decimals, so that 5.35 is in the range of 5.4, and 5.45 is not. The number itself is always in it.
 */
export function impliedRange(
  text: string,
): { readonly value: number; readonly low: number; readonly high: number } | undefined {
  const match = decimal.exec(text.trim());
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent] = match;
  const digits = exponent === undefined ? fraction.length : Math.max(fraction.length, 1);
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  const power = Number(exponent ?? 0) - digits - 1;
  const above = justAbove(value);
  if (whole.length + digits > exactDigits) return { value, low: value, high: above };
  const tenths = BigInt(whole + fraction.padEnd(digits, '0')) * (text.trim().startsWith('-') ? -10n : 10n);
  const [low, high] = [Number(`${tenths - 5n}e${power}`), Number(`${tenths + 5n}e${power}`)];
  return { value, low, high: Math.max(high, above) };
}

/** The range an ordered number asks for: the one its precision implies, 10 % to either side with `ap`. */
export function rangeOf(prefix: Prefix, text: string): ReturnType<typeof impliedRange> {
  const range = impliedRange(text);
  if (!range || prefix !== 'ap') return range;
  const near = Math.abs(range.value) * 0.1;
  return { value: range.value, low: range.value - near, high: range.value + near };
}

/** The operators of _filter on what has an order. */
export const orderedOperators = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr'] as const;

/** Whether an amount, a point or a range including both ends, matches an ordered value. */
export function matchesAmount(
  { prefix, value = 0, low = 0, high = 0 }: FilterValue,
  found: { readonly low: number; readonly high: number },
): boolean {
  const inside = found.low >= low && found.high < high;
  switch (prefix) {
    case 'ne':
      return !inside;
    case 'gt':
      return found.high > value;
    case 'lt':
      return found.low < value;
    case 'ge':
      return found.high >= value;
    case 'le':
      return found.low <= value;
    case 'sa':
      return found.low > value;
    case 'eb':
      return found.high < value;
    case 'ap':
      return found.low <= high && found.high >= low;
    default:
      return inside;
  }
}
