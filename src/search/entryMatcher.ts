import { isOfVersion } from './canonical.ts';
import type { Filter, FilterValue, IndexEntry } from './query.ts';
import { canonicalOf, canonicalValue } from './type/quantity.ts';
import { comparable } from './type/string.ts';

/** True when an entry of a resource is what a value of a criterion asks for. */
export type EntryMatcher = (entry: IndexEntry) => boolean;

/** Reads a value once; what it answers with is asked for each entry. */
export function entryMatcher(
  { parameter, modifier }: Pick<Filter, 'parameter' | 'modifier'>,
  value: FilterValue,
): EntryMatcher {
  switch (parameter.kind) {
    case 'token':
      return unless(value, tokenMeets(value));
    case 'uri':
      return unless(value, (e) => e.kind === 'token' && e.code === value.text);
    case 'reference':
      return modifier === 'identifier'
        ? tokenMeets(value)
        : modifier === 'below'
          ? versionMeets(value)
          : referenceMeets(value);
    case 'string':
      return stringMeets(modifier, value);
    case 'date':
      return (e) => e.kind === 'date' && stretchMeets(value, e);
    case 'number':
      return (e) => e.kind === 'quantity' && amountMeets(value, e);
    case 'quantity':
      return quantityMeets(value);
    case 'composite':
      throw new Error('a composite is met by its parts');
  }
}

/** With the prefix ne: an entry that is another one. */
const unless = ({ prefix }: FilterValue, is: EntryMatcher): EntryMatcher =>
  prefix === 'ne' ? (e) => !is(e) : is;

const tokenMeets =
  ({ system, code, anyCase }: FilterValue): EntryMatcher =>
  (e) => {
    if (e.kind !== 'token') return false;
    if (code !== undefined && e.code !== code)
      return anyCase?.includes(e.system ?? '') === true && e.code.toLowerCase() === code.toLowerCase();
    if (system === undefined) return true;
    return e.system === undefined ? code !== undefined : e.system === system; // undefined: implied by the element
  };

const referenceMeets =
  ({ target, prefix }: FilterValue): EntryMatcher =>
  (e) => {
    if (e.kind !== 'reference' || !target) return false; // what is known by an identifier only is no other one
    const is =
      'url' in target
        ? e.type === undefined && e.id === target.url
        : e.type !== undefined &&
          e.id === target.id &&
          target.types.includes(e.type) &&
          (target.version ?? e.version) === e.version;
    return is === (prefix !== 'ne');
  };

/** A canonical of the version that is named, or of one that it begins. */
const versionMeets =
  ({ text }: FilterValue): EntryMatcher =>
  (e) =>
    e.kind === 'reference' && e.type === undefined && isOfVersion(e.id, text);

function stringMeets(modifier: Filter['modifier'], { text, prefix }: FilterValue): EntryMatcher {
  const asked = comparable(text);
  const test = (is: (found: { folded: string; exact: string }) => boolean): EntryMatcher => {
    return (e) => e.kind === 'string' && is(e);
  };
  if (prefix === 'eq') return test((e) => e.folded === asked);
  if (prefix === 'ne') return test((e) => e.folded !== asked);
  switch (modifier) {
    case 'exact':
      return test((e) => e.exact === text);
    case 'contains':
      return test((e) => e.folded.includes(asked));
    case 'ends':
      return test((e) => e.folded.endsWith(asked));
    default:
      return test((e) => e.folded.startsWith(asked));
  }
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** What an ordered value asks of a stretch of time; `high` is exclusive on both sides. */
function stretchMeets({ prefix, low = 0, high = 0 }: FilterValue, found: Range): boolean {
  const inside = found.low >= low && found.high <= high;
  switch (prefix) {
    case 'ne':
      return !inside;
    case 'gt':
      return found.high > high;
    case 'lt':
      return found.low < low;
    case 'ge':
      return found.high > high || inside;
    case 'le':
      return found.low < low || inside;
    case 'sa':
      return found.low >= high;
    case 'eb':
      return found.high <= low;
    case 'ap':
      return found.low < high && found.high > low;
    default:
      return inside;
  }
}

/** What it asks of an amount: a point, or a range with both ends. */
function amountMeets({ prefix, value = 0, low = 0, high = 0 }: FilterValue, found: Range): boolean {
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

/** As written; where both units are of UCUM, in the canonical unit of their dimension. */
function quantityMeets(value: FilterValue): EntryMatcher {
  const canonical = canonicalValue(value);
  return (e) => {
    if (e.kind !== 'quantity') return false;
    const of = canonical && canonicalOf(e);
    if (of) return of.code === canonical.code && amountMeets(canonical, of);
    if (value.system !== undefined && e.system !== value.system) return false;
    return (value.code === undefined || e.code === value.code) && amountMeets(value, e);
  };
}
