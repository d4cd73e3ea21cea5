import type { Money } from '@medplum/fhirtypes';

/** An amount of money in whole US cents. Never a fraction; may be negative. */
export type Cents = number & { readonly unit: 'cent' };

export function cents(value: number): Cents {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not whole cents: ${value}`);
  return (value === 0 ? 0 : value) as Cents;
}

export const zero: Cents = cents(0);

export const sum = (amounts: readonly Cents[]): Cents => cents(amounts.reduce<number>((a, b) => a + b, 0));

export const add = (a: Cents, b: Cents): Cents => cents(a + b);

export const subtract = (from: Cents, amount: Cents): Cents => cents(from - amount);

export const negate = (amount: Cents): Cents => cents(0 - amount);

export const least = (...amounts: readonly Cents[]): Cents => cents(Math.min(...amounts));

export const most = (...amounts: readonly Cents[]): Cents => cents(Math.max(...amounts));

/** A decimal number of dollars as whole cents, or undefined when it is finer than a cent or too large. */
export function exactCents(value: number): Cents | undefined {
  const rounded = Math.round(value * 100);
  return Number.isSafeInteger(rounded) && rounded / 100 === value ? cents(rounded) : undefined;
}

/** Reads FHIR Money; refuses another currency or a part of a cent, so that nothing is rounded here. */
export function fromMoney(money: Money): Cents {
  const { value, currency = 'USD' } = money;
  if (currency !== 'USD') throw new RangeError(`currency ${currency} is not billed here`);
  if (value === undefined) throw new RangeError('Money has no value');
  const exact = exactCents(value);
  if (exact === undefined) throw new RangeError(`${value} is finer than a cent`);
  return exact;
}

/** Whole cents of FHIR Money, or undefined when it has none, another currency or a part of a cent. */
export function centsOf(money: Money | undefined): Cents | undefined {
  if (money?.value === undefined || (money.currency ?? 'USD') !== 'USD') return undefined;
  return exactCents(money.value);
}

/** FHIR Money with currency, for the edge. */
export const toMoney = (amount: Cents): Money => ({ value: amount / 100, currency: 'USD' });

/** A decimal of dollars for the edge: Quantity.value, X12 type R. */
export const toDecimal = (amount: Cents): number => amount / 100;

/** Dollars and cents for people: 1,160.25. */
export function toText(amount: Cents): string {
  const whole = Math.floor(Math.abs(amount) / 100).toString();
  const part = (Math.abs(amount) % 100).toString().padStart(2, '0');
  return `${amount < 0 ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${part}`;
}

/** A decimal as a whole number of parts and how many parts make one: 11.4 is 114 of 10. */
function fraction(value: number): readonly [bigint, bigint] {
  const text = value.toString();
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (match === null) throw new RangeError(`not a decimal: ${text}`);
  const [, sign = '', whole = '0', part = '', power = '0'] = match;
  const digits = BigInt(sign + whole + part);
  const scale = part.length - Number(power);
  return scale >= 0 ? [digits, 10n ** BigInt(scale)] : [digits * 10n ** BigInt(-scale), 1n];
}

const half = (top: bigint, bottom: bigint): bigint => {
  const twice = 2n * (top < 0n ? -top : top) + bottom;
  const whole = twice / (2n * bottom);
  return top < 0n ? -whole : whole;
};

/** quantity × unit price, rounded half up (away from zero) to the cent; exact before the rounding. */
export function times(quantity: number, unitPrice: Cents): Cents {
  const [top, bottom] = fraction(quantity);
  return cents(Number(half(top * BigInt(unitPrice), bottom)));
}

/** A percentage as basis points; none where it is not between 0 and 100 or has more than two decimals. */
export function basisPoints(percent: number | undefined): number | undefined {
  const points = percent === undefined ? undefined : exactCents(percent);
  return points === undefined || points < 0 || points > 10_000 ? undefined : points;
}

/** Basis points as a percentage. */
export const percentOf = (points: number): number => points / 100;

/** How much an amount is of another in whole percent, rounded up. */
export const percentUp = (amount: Cents, of: Cents): number => Math.ceil((amount * 100) / of);

/** A rate in basis points (3000 is 30 %) of an amount, rounded half up to the cent. */
export const rateOf = (basisPoints: number, amount: Cents): Cents =>
  cents(Number(half(BigInt(basisPoints) * BigInt(amount), 10000n)));

/** Simple interest for some days of a year of 365, at a rate in thousandths of a percent a year, rounded half up to the cent. */
export const interestOf = (thousandths: number, days: number, amount: Cents): Cents =>
  cents(Number(half(BigInt(thousandths) * BigInt(days) * BigInt(amount), 36_500_000n)));

/** Splits `total` by whole `weights` so that the parts add up to it; odd cents go to the first parts. */
export function allocate(total: Cents, weights: readonly number[]): Cents[] {
  const weightSum = weights.reduce((a, b) => a + b, 0);
  if (weightSum <= 0 || weights.some((w) => w < 0)) throw new RangeError('no weight to split by');
  const parts = weights.map((w) => Number((BigInt(total) * BigInt(w)) / BigInt(weightSum)));
  let left = total - parts.reduce((a, b) => a + b, 0);
  return parts.map((part, i) => {
    const odd = weights[i] === 0 ? 0 : Math.sign(left);
    left -= odd;
    return cents(part + odd);
  });
}
