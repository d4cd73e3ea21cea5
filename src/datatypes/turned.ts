import { exactCents, negate, toDecimal } from './cents.ts';

const isMoney = (value: object): value is { value: number; currency: string } =>
  'currency' in value && 'value' in value && typeof value.value === 'number';

/** A part of a resource with the sign of every Money in it turned: what takes it back. Billing rule 62. */
export function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  if (isMoney(value)) {
    const amount = exactCents(value.value);
    return amount === undefined ? value : { ...value, value: toDecimal(negate(amount)) };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, turned(item)]));
}
