import type { Quantity } from '@medplum/fhirtypes';

/** Units of mass, volume and length that doses and distances are charted in: kind and how many of the smallest one. */
const scale: Readonly<Record<string, readonly [kind: string, times: bigint]>> = {
  ng: ['mass', 1n],
  ug: ['mass', 1_000n],
  mcg: ['mass', 1_000n],
  mg: ['mass', 1_000_000n],
  g: ['mass', 1_000_000_000n],
  kg: ['mass', 1_000_000_000_000n],
  uL: ['volume', 1n],
  mL: ['volume', 1_000n],
  ml: ['volume', 1_000n],
  cc: ['volume', 1_000n],
  dL: ['volume', 100_000n],
  L: ['volume', 1_000_000n],
  l: ['volume', 1_000_000n],
  '[iU]': ['units', 1n],
  U: ['enzyme units', 1n],
  '[mi_us]': ['US miles', 1n],
  '[mi_i]': ['miles', 1n],
  min: ['time', 1n],
  h: ['time', 60n],
};

const unitOf = (quantity: Quantity): string | undefined => quantity.code ?? quantity.unit;

/** A decimal as digits and a power of ten: 11.4 is 114 and 1. */
function digits(value: number): readonly [bigint, number] | undefined {
  const match = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(value.toString());
  if (!match) return undefined;
  const [, whole = '0', part = '', power = '0'] = match;
  const shift = part.length - Number(power);
  return shift >= 0 ? [BigInt(whole + part), shift] : [BigInt(whole + part) * 10n ** BigInt(-shift), 0];
}

/**
 * How many billing units an amount is, rounded up to whole units: 1 g in units of 250 mg is 4.
 * Exact, so 1.1 mg in units of 0.1 mg is 11. Undefined when the two cannot be compared or one is not positive.
 */
export function unitsOf(amount: Quantity, unit: Quantity): number | undefined {
  const parts = comparable(amount, unit);
  if (!parts) return undefined;
  const [dividend, divisor] = parts;
  return Number((dividend + divisor - 1n) / divisor);
}

/** Two amounts as whole numbers of the same part; undefined when they cannot be compared or one is not positive. */
function comparable(amount: Quantity, unit: Quantity): readonly [bigint, bigint] | undefined {
  const [from, to] = [unitOf(amount), unitOf(unit)];
  if (amount.value === undefined || unit.value === undefined || from === undefined || to === undefined) {
    return undefined;
  }
  const known = [scale[from], scale[to]] as const;
  if (from !== to && (known[0] === undefined || known[0][0] !== known[1]?.[0])) return undefined;
  const [times, per] = from === to ? [1n, 1n] : [known[0]?.[1] ?? 1n, known[1]?.[1] ?? 1n];
  const [top, bottom] = [digits(amount.value), digits(unit.value)];
  if (!top || !bottom || top[0] === 0n || bottom[0] === 0n) return undefined;
  return [top[0] * times * 10n ** BigInt(bottom[1]), bottom[0] * per * 10n ** BigInt(top[1])];
}

/**
 * An amount as a part or a multiple of another, exact to three decimals: 118.5 mL by 1 mL is 118.5. Undefined when the
 * two cannot be compared or the result is finer.
 */
export function portionOf(amount: Quantity, unit: Quantity): number | undefined {
  const parts = comparable(amount, unit);
  if (!parts) return undefined;
  const [dividend, divisor] = parts;
  return (dividend * 1000n) % divisor === 0n
    ? Number(`${((dividend * 1000n) / divisor).toString()}e-3`)
    : undefined;
}

/** True for a number above zero with at most three decimals: what a claim line can carry as units. */
export function isUnitCount(value: number): boolean {
  const parts = digits(value);
  return parts !== undefined && parts[0] > 0n && parts[1] <= 3;
}

/** The product of two decimals not below zero, rounded half up to three decimals, as claims carry units. */
export function productOf(a: number, b: number): number {
  const [left, right] = [digits(a) ?? ([0n, 0] as const), digits(b) ?? ([0n, 0] as const)];
  const [whole, shift] = [left[0] * right[0] * 1000n, 10n ** BigInt(left[1] + right[1])];
  return Number(`${((2n * whole + shift) / (2n * shift)).toString()}e-3`);
}

/** The sum of unit counts, exact: 0.1 and 0.2 are 0.3. */
export function sumUnits(values: readonly number[]): number {
  const parts = values.map((v) => digits(v) ?? ([0n, 0] as const));
  const shift = Math.max(0, ...parts.map(([, s]) => s));
  const total = parts.reduce((sum, [d, s]) => sum + d * 10n ** BigInt(shift - s), 0n);
  return Number(`${total.toString()}e-${shift.toString()}`);
}
