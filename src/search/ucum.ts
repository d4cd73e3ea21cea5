import * as library from '@atomic-ehr/ucum';

/** See https://ucum.org/ucum */
export const ucumSystem = 'http://unitsofmeasure.org';

/** What we use of the library: a unit as a product of base units. */
interface Form {
  readonly magnitude: number;
  readonly units: readonly { readonly unit: string; readonly exponent: number }[];
  readonly specialFunction?: unknown;
}
const { ucum } = library;
const toCanonicalForm = library.toCanonicalForm as (unit: string) => Form;

/** A unit, as it is compared: in the canonical unit of its dimension. */
export interface CanonicalUnit {
  readonly code: string;
  /** To 12 digits, so that what is equal stays equal. */
  readonly convert: (value: number) => number;
}

/** The units of clinical practice are the canonical ones of their dimension: few amounts then need converting. */
const preferred = [
  ...['kg', 'cm', 'm2', 'mL', 'min', 'mg/dL', 'mmol/L', 'mm[Hg]', '/min', 'kg/m2', '%', 'U/L', 'mL/min'],
  ...['mg/min', 'mL/kg', 'kcal', 'm/s', '/kg', 'mmol/kg/min'],
];

interface Dimension {
  readonly key: string;
  readonly magnitude: number;
}
const keyOf = (units: Form['units']): string =>
  units.map(({ unit, exponent }) => (exponent === 1 ? unit : `${unit}${exponent}`)).join('.');

let canonical: ReadonlyMap<string, { readonly code: string; readonly magnitude: number }> | undefined;

function canonicalOfDimension({ key }: Dimension): { readonly code: string; readonly magnitude: number } {
  canonical ??= new Map(
    preferred.map((code) => {
      const { units, magnitude } = toCanonicalForm(code);
      return [keyOf(units), { code, magnitude }] as const;
    }),
  );
  return canonical.get(key) ?? { code: key, magnitude: 1 };
}

const rounded = (value: number): number => Number(value.toPrecision(12));
const isFinite = (value: number): boolean => Math.abs(value) < Number.MAX_VALUE; // the ends of an open range stay

/** Temperatures in degrees Celsius. The library throws below absolute zero, but what was charted is to be found. */
const toCelsius: ReadonlyMap<string, (value: number) => number> = new Map([
  ['Cel', (v) => v],
  ['[degF]', (v) => ((v - 32) * 5) / 9],
  ['K', (v) => v - 273.15],
  ['mK', (v) => v / 1000 - 273.15],
]);
/** What an annotation says is no part of the unit. */
const withoutAnnotations = (code: string): string =>
  code.replace(/(^|[/.(])\{[^{}]*\}/g, '$11').replace(/\{[^{}]*\}/g, '');

function read(code: string): CanonicalUnit | undefined {
  const bare = withoutAnnotations(code);
  if (atomsOf(bare).some(isLeft)) return undefined;
  const celsius = toCelsius.get(bare);
  if (celsius) return { code: 'Cel', convert: (v) => (isFinite(v) ? rounded(celsius(v)) : v) };
  const { units, magnitude, specialFunction } = toCanonicalForm(bare);
  if (specialFunction) return undefined;
  const to = canonicalOfDimension({ key: keyOf(units), magnitude });
  const factor = magnitude / to.magnitude;
  return { code: to.code, convert: (v) => (isFinite(v) ? rounded(v * factor) : v) };
}

const atomsOf = (code: string): string[] => code.match(/[a-zA-Z%]*\[[^\]]+\]|[a-zA-Z%]+/g) ?? [];
/**
 * International units and their like measure each substance differently: they equal nothing but themselves. Nor is a
 * name that every object of JavaScript has a unit.
 */
const isLeft = (atom: string): boolean => atom in {} || ucum.isArbitraryUnit(atom);

const unitsMax = 5000;
const known = new Map<string, CanonicalUnit | undefined>();

/** The canonical unit of a UCUM code; undefined where it is none, or is compared as written. */
export function canonicalUnit(code: string): CanonicalUnit | undefined {
  const found = known.get(code);
  if (found !== undefined || known.has(code)) return found;
  let unit: CanonicalUnit | undefined;
  try {
    unit = code.length <= 100 ? read(code) : undefined;
  } catch {
    unit = undefined; // no unit of UCUM
  }
  if (known.size >= unitsMax) known.clear();
  known.set(code, unit);
  return unit;
}
