import type { ElementType, Expansion } from './guide.ts';

export type Holder = Readonly<Record<string, unknown>>;

export const isHolder = (value: unknown): value is Holder =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value of an element, with its type where the element is a choice. */
export interface Found {
  readonly value: unknown;
  readonly type?: string; // as the name says it: DateTime
}

const capital = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1);

/** A primitive that has an extension instead of a value is there, as what its extension says. */
function ofList(value: unknown, shadow: unknown): unknown[] {
  const values: unknown[] = Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value];
  const shadows: unknown[] = Array.isArray(shadow)
    ? (shadow as unknown[])
    : shadow === undefined
      ? []
      : [shadow];
  return Array.from(
    { length: Math.max(values.length, shadows.length) },
    (_, i) => values[i] ?? shadows[i],
  ).filter((v) => v !== undefined && v !== null);
}

/** The values of an element in its parent: of a list each, of a choice the one that is there with its type. */
export function valuesOf(parent: unknown, name: string, types: readonly ElementType[] = []): Found[] {
  if (!isHolder(parent)) return [];
  if (!name.endsWith('[x]')) return ofList(parent[name], parent[`_${name}`]).map((value) => ({ value }));
  const plain = name.slice(0, -3);
  const keys = new Set(
    Object.keys(parent)
      .map((key) => key.replace(/^_/, ''))
      .filter((key) => key.startsWith(plain) && /^[A-Z]/.test(key.slice(plain.length))),
  );
  // A sibling whose name goes on in capitals is no choice of this one: reasonCode beside reason[x].
  const known = new Set(types.map((t) => capital(t.code)));
  return [...keys]
    .map((key) => key.slice(plain.length))
    .filter((type) => known.size === 0 || known.has(type) || /^[A-Z][a-zA-Z]+$/.test(type))
    .flatMap((type) =>
      ofList(parent[plain + type], parent[`_${plain}${type}`]).map((value) => ({ value, type })),
    );
}

/** True when the value has everything the pattern has. */
export function fits(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((p) => value.some((v: unknown) => fits(v, p)));
  if (!isHolder(pattern)) return value === pattern;
  return isHolder(value) && Object.entries(pattern).every(([key, p]) => fits(value[key], p));
}

/** True when both are the same in every part. */
export function equals(value: unknown, fixed: unknown): boolean {
  if (Array.isArray(fixed))
    return (
      Array.isArray(value) && value.length === fixed.length && fixed.every((f, i) => equals(value[i], f))
    );
  if (!isHolder(fixed)) return value === fixed;
  if (!isHolder(value)) return false;
  const keys = new Set([...Object.keys(fixed), ...Object.keys(value)]);
  return [...keys].every((key) => equals(value[key], fixed[key]));
}

const isIn = (of: unknown, set: Expansion): boolean => {
  if (!isHolder(of) || typeof of['code'] !== 'string') return false;
  const codes = typeof of['system'] === 'string' ? set[of['system']] : undefined;
  return codes === true || (codes?.includes(of['code']) ?? false);
};

/** True when a code, Coding, CodeableConcept or Quantity has a code of the set. */
export function inValueSet(value: unknown, set: Expansion): boolean {
  if (typeof value === 'string')
    return Object.values(set).some((codes) => codes === true || codes.includes(value));
  if (!isHolder(value)) return false;
  const { coding } = value;
  return Array.isArray(coding) ? coding.some((c: unknown) => isIn(c, set)) : isIn(value, set);
}

/** The type a reference points to; undefined where it cannot be told. */
export function targetOf(value: unknown): string | undefined {
  const reference = isHolder(value) ? value['reference'] : undefined;
  return typeof reference === 'string'
    ? /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(reference)?.[1]
    : undefined;
}
