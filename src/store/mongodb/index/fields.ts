import { numberText } from './parameterNumber.ts';

/** Milliseconds. */
export const day = 86_400_000;

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
export const bar = '\u0001';
/** The system of a token that its element implies: it matches whatever system is asked for. */
const implied = '*';

/** `P.code`: found by value, whatever the system. */
export const tokenText = (no: number, code: string): string => `${numberText(no)}.${code}`;
/** `P.system code`, of a token without a system `P. code`, of one whose element implies it `P.* code`. */
export const systemText = (no: number, system: string | undefined, code: string): string =>
  `${numberText(no)}.${system ?? implied}${bar}${code}`;
/** The ends between which the tokens of a system lie. */
export const systemSpan = (no: number, system: string): readonly [string, string] => [
  `${numberText(no)}.${system}${bar}`,
  `${numberText(no)}.${system}\u0002`,
];
/** `/Type/id>P`, of a URL `/URL>P`: the value comes first, so that all that refer to a resource are one stretch. */
export const referenceText = (no: number, target: string): string => `/${target}>${numberText(no)}`;
export const referenceSpan = (target: string): readonly [string, string] => [`/${target}>`, `/${target}?`];

/** The same stretch as a pattern, of which many are asked for at once; of an id a dot alone means more than itself. */
export const referencePrefix = (target: string): RegExp => new RegExp(`^/${target.replaceAll('.', '\\.')}>`);

/** The field of a parameter in `a`. */
export const dateKey = (no: number): string => `p${numberText(no)}`;

export interface Stretch {
  readonly p: number;
  readonly l: number;
  readonly h: number;
}

/** The fields of a resource while its entries are added; each entry counts once. */
export interface Fields {
  readonly n: Set<number>;
  readonly x: Set<string>;
  readonly y: Set<string>;
  readonly s: Map<string, NonNullable<Indexed['s']>[number]>;
  readonly q: Map<string, NonNullable<Indexed['q']>[number]>;
  readonly dates: Map<string, Stretch>;
  readonly withDay: Set<string>; // texts that stand with the day, too
}
