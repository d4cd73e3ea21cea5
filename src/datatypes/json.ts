/**
 * JSON that keeps the precision of decimals: 1.00 stays 1.00 from request to answer.
 * Resources stay plain objects with plain numbers; the text of a decimal that JavaScript would write
 * otherwise is kept beside its object. See https://hl7.org/fhir/R4/datatypes.html#decimal
 */

/** A number at a JSON value position that might be written differently than JavaScript writes it. */
const special = /[:[,]\s*(?:-0|-?(?:\d+\.\d*0|\d+(?:\.\d+)?[eE][+-]?\d+|0\.0{6,}\d+|[\d.]{16,}))\s*[,}\]]/;

const texts = new WeakMap<object, Map<string, string>>();
const precise = new WeakSet();

interface SourceContext {
  readonly source?: string;
}
type Reviver = (this: object, key: string, value: unknown, context: SourceContext) => unknown;
interface SourceJson {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: Reviver): unknown;
}
const raw = JSON as unknown as SourceJson;

/** Parses JSON text; throws SyntaxError like JSON.parse. */
export function parseJson(text: string): unknown {
  if (!special.test(text)) return JSON.parse(text) as unknown;
  const value = raw.parse(text, function (key, item, { source }) {
    if (typeof item === 'number' && source !== undefined && String(item) !== source) {
      const kept = texts.get(this) ?? new Map<string, string>();
      kept.set(key, source);
      texts.set(this, kept);
    }
    return item;
  });
  mark(value);
  return value;
}

/** Remembers for every object on the way down that something below it has its text kept. */
function mark(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let kept = texts.has(value);
  for (const item of Object.values(value)) if (mark(item)) kept = true;
  if (kept) precise.add(value);
  return kept;
}

/** An object that was parsed by itself, with a list of values that were: decimals stay as they are written. */
export function parsedWithin(whole: unknown, key: string, items: readonly unknown[]): unknown {
  if (typeof whole !== 'object' || whole === null) throw new Error('only an object can hold a list');
  const list = [...items];
  if (list.some((item) => typeof item === 'object' && item !== null && precise.has(item))) {
    precise.add(list);
    precise.add(whole);
  }
  Object.defineProperty(whole, key, { value: list, enumerable: true, configurable: true, writable: true });
  return whole;
}

/** The text of a number in a parsed object or list, where JavaScript would write it otherwise, as 1.0. */
export const writtenText = (holder: object, key: string): string | undefined => texts.get(holder)?.get(key);

/** JSON text of a value, decimals as they came in. */
export function toJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || !precise.has(value)) return JSON.stringify(value);
  return JSON.stringify(value, function (this: object, key: string, item: unknown) {
    const text = typeof item === 'number' ? texts.get(this)?.get(key) : undefined;
    return text !== undefined && Number(text) === item ? raw.rawJSON(text) : item;
  });
}

/** Lets a shallow copy, or an object that wraps `from`, keep the decimals of the original. */
export function keepPrecision<T extends object>(from: object, to: T): T {
  const kept = texts.get(from);
  if (kept) texts.set(to, kept);
  if (precise.has(from)) precise.add(to);
  return to;
}

/** Whether something in a value is written otherwise than JavaScript writes it. */
const isPrecise = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.some(isPrecise)
    : typeof value === 'object' && value !== null && precise.has(value);

/** A copy of a resource or element with other parts; all decimals stay as they were written. */
export function changed<T extends object, P extends Partial<T>>(of: T, parts: P): T & P;
export function changed<T extends object, P extends object>(of: T, parts: P): T & P;
export function changed<T extends object, P extends object>(of: T, parts: P): T & P {
  const to = keepPrecision(of, { ...of, ...parts });
  if (Object.values(parts).some(isPrecise)) precise.add(to);
  return to;
}

/** A copy of a resource or element without some of its elements; all decimals stay as they were written. */
export function without<T extends object, K extends keyof T>(of: T, ...keys: readonly K[]): Omit<T, K> {
  const left = new Set<PropertyKey>(keys);
  const rest = Object.fromEntries(Object.entries(of).filter(([key]) => !left.has(key)));
  return keepPrecision(of, rest) as Omit<T, K>;
}

/** A copy of a value, to the depth; all decimals stay as they were written. */
export const copyOf = <T extends object>(value: T): T => parseJson(toJson(value)) as T;

/** A number inside an exact value: its text as it was written. */
interface RawNumber {
  readonly rawJSON: string;
}
const exact = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

/**
 * Parses JSON text into a value whose numbers are kept as they are written: whatever is cut, moved or put together of
 * it, JSON.stringify writes them so again. Throws SyntaxError like JSON.parse.
 */
export const parseExact = (text: string): unknown =>
  raw.parse(text, (_, item, { source }) =>
    typeof item === 'number' && source !== undefined ? exact.rawJSON(source) : item,
  );

/** The text of a number of an exact value; undefined for anything else. */
export const exactNumber = (value: unknown): string | undefined =>
  exact.isRawJSON(value) ? value.rawJSON : undefined;
