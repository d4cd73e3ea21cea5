import type { ResourceType } from '@medplum/fhirtypes';
import type { IndexEntry } from '../../search/query.ts';
import { beginningTexts, isByBeginning } from './beginning.ts';
import { isPaired, pairedDateOf, pairsOf } from './paired.ts';
import { numberText, parameterNumber } from './parameterNumber.ts';
import { day } from './range.ts';

/**
 * What the index holds of a resource, as fields of its document. Indexed: `x` texts of tokens, uris and references,
 * `d` strings, `q` numbers and quantities; of dates `a`, the earliest start of each parameter, and `d`, the stretches:
 * under `p` the only one of a parameter when it lasts a day at most, under `g` the only one that lasts longer, and each
 * of several under `g` with the parameter's number inverted. Looked at in candidates only: `y` tokens with their
 * systems, `n` the parameters that have any entry.
 */
export interface Indexed {
  n?: number[];
  x?: string[];
  y?: string[];
  a?: Record<string, number>;
  d?: { p?: number; g?: number; l: number; h: number }[];
  s?: { p: number; f: string; e: string }[];
  q?: { p: number; l: number; h: number; s: string; c: string }[];
}

/** Between a system and a code: no FHIR string has it. */
const bar = '\u0001';
/** The system of a token that its element implies: it matches whatever system is asked for. */
const implied = '*';

/** `P.code`: found by value, whatever the system. */
export const tokenText = (no: number, code: string): string => `${numberText(no)}.${code}`;
/** `P.system code`, of a token without a system `P. code`, of one whose element implies it `P.* code`. */
export const systemText = (no: number, system: string | undefined, code: string): string =>
  `${numberText(no)}.${system ?? implied}${bar}${code}`;
/** What a system's tokens lie between. */
export const systemSpan = (no: number, system: string): readonly [string, string] => [
  `${numberText(no)}.${system}${bar}`,
  `${numberText(no)}.${system}\u0002`,
];
/** `/Type/id>P`, of a URL `/URL>P`: the value comes first, so that all that refer to a resource are one stretch. */
export const referenceText = (no: number, target: string): string => `/${target}>${numberText(no)}`;
export const referenceSpan = (target: string): readonly [string, string] => [`/${target}>`, `/${target}?`];

/** The same stretch as a pattern, of which many are asked for at once; of an id a dot alone means more than itself. */
export const referencePrefix = (target: string): RegExp => new RegExp(`^/${target.replaceAll('.', '\\.')}>`);

/** The entries of a resource as fields; each once. */
export function toFields(entries: readonly IndexEntry[]): Indexed {
  const to: Indexed = {};
  const wide: string[] = []; // texts that stand with days, too
  const seen = new Set<string>();
  const dates: Dated[] = [];
  const fresh = (...key: readonly (string | number)[]): boolean => {
    const before = seen.size;
    return seen.add(key.join('\u0000')).size > before;
  };
  for (const entry of entries) {
    const p = parameterNumber(entry.parameter);
    if (fresh('n', p)) (to.n ??= []).push(p);
    switch (entry.kind) {
      case 'token': {
        const text = tokenText(p, entry.code);
        if (fresh('x', text)) {
          (to.x ??= []).push(text);
          if (isPaired(entry)) wide.push(text);
        }
        const whole = systemText(p, entry.system, entry.code);
        if (entry.parameter.kind !== 'uri' && fresh('y', whole)) (to.y ??= []).push(whole);
        break;
      }
      case 'reference': {
        const text = referenceText(p, entry.type ? `${entry.type}/${entry.id}` : entry.id);
        if (fresh('x', text)) {
          (to.x ??= []).push(text);
          if (isPaired(entry)) wide.push(text);
        }
        break;
      }
      case 'date':
        if (fresh('d', p, entry.low, entry.high)) dates.push({ p, l: entry.low, h: entry.high });
        break;
      case 'string':
        if (!fresh('s', p, entry.exact)) break;
        (to.s ??= []).push({ p, f: entry.folded, e: entry.exact });
        if (isByBeginning(entry.parameter))
          for (const text of beginningTexts(p, entry.folded)) if (fresh('x', text)) (to.x ??= []).push(text);
        break;
      case 'quantity':
        if (fresh('q', p, entry.low, entry.high, entry.system, entry.code))
          (to.q ??= []).push({ p, l: entry.low, h: entry.high, s: entry.system, c: entry.code });
        break;
      case 'composite': // tested on the resource itself
        break;
    }
  }
  if (dates.length > 0) addDates(to, dates);
  const [first] = entries;
  if (first && to.d) addPairs(to, to.d, first.parameter.type, wide);
  return to;
}

/** Adds the day or month of the type's date, and the texts that stand with the day. */
function addPairs(
  to: Indexed,
  stretches: NonNullable<Indexed['d']>,
  type: ResourceType,
  wide: readonly string[],
): void {
  const no = pairedDateOf(type);
  if (no === undefined) return;
  const stretch = stretches.find(({ p, g }) => p === no || g === no || g === ~no);
  if (!stretch) return;
  const start = stretch.p === undefined ? undefined : stretch.l;
  const pairs = pairsOf(type, start, wide);
  if (pairs.length > 0) (to.x ??= []).push(...pairs);
}

interface Dated {
  readonly p: number;
  readonly l: number;
  readonly h: number;
}

function addDates(to: Indexed, dates: readonly Dated[]): void {
  to.a = {};
  to.d = [];
  for (const { p, l, h } of dates) {
    const key = dateKey(p);
    to.a[key] = Math.min(to.a[key] ?? Infinity, l);
    const isOnly = dates.every((other) => other.p !== p || (other.l === l && other.h === h));
    to.d.push(!isOnly ? { g: ~p, l, h } : h - l > day ? { g: p, l, h } : { p, l, h });
  }
}

/** The field of a parameter in `a`. */
export const dateKey = (no: number): string => `p${numberText(no)}`;
