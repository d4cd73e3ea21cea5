import type { ResourceType } from '@medplum/fhirtypes';
import type { IndexEntry } from '../../../search/query.ts';
import { prefixKeys, hasPrefixKeys } from './prefixKey.ts';
import { hasCompoundKey, compoundDateOf, compoundKeysOf } from './compoundKey.ts';
import { numberText, parameterNumber } from './parameterNumber.ts';
import { day } from '../search/range.ts';

/**
 * What the index holds of a resource, as fields of its document. Indexed: `x` texts of tokens, uris and references,
 * `s` strings, `q` numbers and quantities; of dates `a`, the earliest start of each parameter, and `d`, the stretches:
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
  const [n, x, y] = [new Set<number>(), new Set<string>(), new Set<string>()];
  const wide = new Set<string>(); // texts that stand with the day, too
  const dates = new Map<string, Dated>();
  const s = new Map<string, NonNullable<Indexed['s']>[number]>();
  const q = new Map<string, NonNullable<Indexed['q']>[number]>();
  for (const entry of entries) {
    const p = parameterNumber(entry.parameter);
    n.add(p);
    switch (entry.kind) {
      case 'token': {
        const text = tokenText(p, entry.code);
        x.add(text);
        if (hasCompoundKey(entry)) wide.add(text);
        if (entry.parameter.kind !== 'uri') y.add(systemText(p, entry.system, entry.code));
        break;
      }
      case 'reference': {
        const text = referenceText(p, entry.type ? `${entry.type}/${entry.id}` : entry.id);
        x.add(text);
        if (hasCompoundKey(entry)) wide.add(text);
        break;
      }
      case 'date': {
        const { low: l, high: h } = entry;
        dates.set(`${p} ${l} ${h}`, { p, l, h });
        break;
      }
      case 'string':
        s.set(`${p} ${entry.exact}`, { p, f: entry.folded, e: entry.exact });
        if (hasPrefixKeys(entry.parameter)) for (const text of prefixKeys(p, entry.folded)) x.add(text);
        break;
      case 'quantity': {
        const { low: l, high: h, system, code } = entry;
        q.set(`${p} ${l} ${h} ${system}${bar}${code}`, { p, l, h, s: system, c: code });
        break;
      }
      case 'composite': // tested on the resource itself
        break;
    }
  }
  const dated = dates.size > 0 ? datesOf([...dates.values()]) : undefined;
  const type = entries[0]?.parameter.type;
  if (dated && type) for (const text of compoundKeysIn(type, dated.d, wide)) x.add(text);
  return {
    ...(n.size > 0 ? { n: [...n] } : {}),
    ...(x.size > 0 ? { x: [...x] } : {}),
    ...(y.size > 0 ? { y: [...y] } : {}),
    ...dated,
    ...(s.size > 0 ? { s: [...s.values()] } : {}),
    ...(q.size > 0 ? { q: [...q.values()] } : {}),
  };
}

/** The day or month of the type's date, and the texts that stand with the day. */
function compoundKeysIn(
  type: ResourceType,
  stretches: NonNullable<Indexed['d']>,
  wide: ReadonlySet<string>,
): string[] {
  const no = compoundDateOf(type);
  const stretch =
    no === undefined ? undefined : stretches.find(({ p, g }) => p === no || g === no || g === ~no);
  return stretch ? compoundKeysOf(type, stretch.p === undefined ? undefined : stretch.l, [...wide]) : [];
}

interface Dated {
  readonly p: number;
  readonly l: number;
  readonly h: number;
}

function datesOf(dates: readonly Dated[]): Required<Pick<Indexed, 'a' | 'd'>> {
  const to: Required<Pick<Indexed, 'a' | 'd'>> = { a: {}, d: [] };
  for (const { p, l, h } of dates) {
    const key = dateKey(p);
    to.a[key] = Math.min(to.a[key] ?? Infinity, l);
    const isOnly = dates.every((other) => other.p !== p || (other.l === l && other.h === h));
    to.d.push(!isOnly ? { g: ~p, l, h } : h - l > day ? { g: p, l, h } : { p, l, h });
  }
  return to;
}

/** The field of a parameter in `a`. */
export const dateKey = (no: number): string => `p${numberText(no)}`;
