import type { Money, Quantity, Range as FhirRange, SampledData } from '@medplum/fhirtypes';
import type { TypedValue } from '@medplum/core';
import { parts, plainText, prefixed, type Range } from './text.ts';

/** What number, Quantity, Money, Range and SampledData say: a range (a point where low is high) in a unit. */
interface Amount extends Range {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
  readonly unit?: string | undefined;
}

export function amountOf({ type, value }: TypedValue): Amount | undefined {
  if (typeof value === 'number') return { low: value, high: value };
  switch (type) {
    case 'Money':
      return moneyOf(value as Money);
    case 'Range':
      return rangeOf(value as FhirRange);
    case 'SampledData':
      return sampledOf(value as SampledData);
    case 'Quantity':
    case 'Age':
    case 'Count':
    case 'Distance':
    case 'Duration':
    case 'SimpleQuantity':
      return quantityOf(value as Quantity);
    default:
      return undefined;
  }
}

function moneyOf({ value, currency }: Money): Amount | undefined {
  return value === undefined
    ? undefined
    : { low: value, high: value, system: 'urn:iso:std:iso:4217', code: currency };
}

function quantityOf({ value, comparator, system, code, unit }: Quantity): Amount | undefined {
  if (value === undefined) return undefined;
  return {
    low: comparator?.startsWith('<') ? -Infinity : value,
    high: comparator?.startsWith('>') ? Infinity : value,
    system,
    code,
    unit,
  };
}

function rangeOf({ low, high }: FhirRange): Amount | undefined {
  const of = low ?? high;
  if (!of || (low?.value === undefined && high?.value === undefined)) return undefined;
  const { system, code, unit } = of;
  return { low: low?.value ?? -Infinity, high: high?.value ?? Infinity, system, code, unit };
}

/** "Just search on the bounds of the values in sampled data": SearchParameter Observation-value-quantity. */
function sampledOf({ origin, factor = 1, data = '' }: SampledData): Amount | undefined {
  const numbers = data.split(/\s+/).map(Number).filter(Number.isFinite);
  if (numbers.length === 0) return quantityOf(origin);
  const values = numbers.map((n) => (origin.value ?? 0) + n * factor);
  const { system, code, unit } = origin;
  return { low: Math.min(...values), high: Math.max(...values), system, code, unit };
}

/** Units that the examples have and the tests convert: how many of a base unit one of them is. See https://ucum.org */
const ucum: Readonly<Record<string, readonly [base: string, factor: number]>> = {
  '%': ['1', 0.01],
  '1': ['1', 1],
  cm: ['m', 0.01],
  m: ['m', 1],
  mm: ['m', 0.001],
  '[in_i]': ['m', 0.0254],
  g: ['g', 1],
  kg: ['g', 1000],
  mg: ['g', 0.001],
  '[lb_av]': ['g', 453.59237],
  L: ['L', 1],
  mL: ['L', 0.001],
  min: ['s', 60],
  h: ['s', 3600],
  s: ['s', 1],
  '10*12/L': ['1/L', 1e12],
  'mmol/L': ['1/L', 6.0221367e20], // a mole is a number
  'umol/L': ['1/L', 6.0221367e17],
  'g/dL': ['g/L', 10],
  'g/L': ['g/L', 1],
  kPa: ['Pa', 1000],
  Pa: ['Pa', 1],
  'mm[Hg]': ['Pa', 133.322],
};
const unitsOfMeasure = 'http://unitsofmeasure.org';
/** What stands in braces is no unit but says what is counted. */
const unitOf = (code: string): (typeof ucum)[string] | undefined =>
  code === '' ? undefined : ucum[code.replaceAll(/\{[^{}]*\}/g, '') || '1'];

/** Whether a search asks for a unit of UCUM that the table above does not have. */
export function isBeyondTable(text: string): boolean {
  const [, system, code = ''] = parts(text, '|').map(plainText);
  return system === unitsOfMeasure && unitOf(code) === undefined;
}

/** How many units asked for one unit of the element is; undefined when they are not of one kind. */
function factorOf(
  { system, code, unit }: Amount,
  [of, asked]: readonly [string, string],
): number | undefined {
  if (asked === '') return of === '' || of === system ? 1 : undefined; // any unit (of the system)
  if (of === '') return code === asked || unit === asked ? 1 : undefined;
  if (system !== of) return undefined;
  if ((code ?? unit) === asked) return 1;
  const [from, to] = [unitOf(code ?? ''), unitOf(asked)];
  return of === unitsOfMeasure && from && to && from[0] === to[0] ? from[1] / to[1] : undefined;
}

/** The number that a text says, and half a unit of its last digit. */
function numberOf(text: string): { value: number; half: number } {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const digits = mantissa.split('.')[1]?.length ?? 0;
  const shown = text.toLowerCase().includes('e') ? Math.max(digits, 1) : digits;
  return { value: Number(text), half: 0.5 * 10 ** (Number(exponent) - shown) };
}

/** `5.4`, `5.4|system|code`, `5.4||code`. See https://hl7.org/fhir/R4/search.html#quantity */
export function amountMeets(element: TypedValue, text: string): boolean {
  const [number = '', system = '', code] = parts(text, '|').map(plainText);
  const own = amountOf(element);
  if (!own) return false;
  const factor = code === undefined ? 1 : factorOf(own, [system, code]);
  if (factor === undefined) return false;
  return compare(number, { low: own.low * factor, high: own.high * factor });
}

function compare(text: string, { low, high }: Range): boolean {
  const [prefix, rest] = prefixed(text);
  const { value, half } = numberOf(rest);
  const slack = Math.abs(value) * 1e-12; // 0.1 + 0.2
  const isItself = low === value && high === value; // also where the slack is more than the half: 66.89999999999999
  const within = isItself || (value - half - slack <= low && high < value + half - slack);
  switch (prefix) {
    case 'ne':
      return !within;
    case 'gt':
      return high > value + slack;
    case 'lt':
      return low < value - slack;
    case 'ge':
      return high >= value - slack;
    case 'le':
      return low <= value + slack;
    case 'sa':
      return low > value + slack;
    case 'eb':
      return high < value - slack;
    case 'ap': {
      const tenth = Math.abs(value) / 10;
      return high >= value - tenth - slack && low <= value + tenth + slack;
    }
    default:
      return within;
  }
}
