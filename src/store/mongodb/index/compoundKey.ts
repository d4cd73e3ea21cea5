import type { ResourceType } from '@medplum/fhirtypes';
import type { Filter, IndexEntry } from '../../../search/query.ts';
import { numberOf, numberText } from './parameterNumber.ts';
import { day } from './fields.ts';

/** How a type is asked for by a date: its parameter, those it stands with, and the unit of its entries by itself. */
interface Dates {
  readonly date: string;
  readonly with: readonly string[];
  readonly alone?: 'day' | 'month';
}

/**
 * Codes and parties that have very many resources each and are asked for together with a range of dates, and dates that
 * are asked for alone. Each is an entry more to write: see docs/decision/0019.
 */
const dated: Partial<Record<ResourceType, Dates>> = {
  Claim: { date: 'created', with: ['provider'] },
  DiagnosticReport: { date: 'date', with: ['code'] },
  Encounter: { date: 'date', with: [], alone: 'day' },
  ExplanationOfBenefit: { date: 'created', with: [], alone: 'day' },
  Observation: { date: 'date', with: ['code'] },
  Patient: { date: 'birthdate', with: [], alone: 'month' },
  Procedure: { date: 'date', with: ['code'] },
};

/** The types that have such entries. */
export const datedTypes = Object.keys(dated) as ResourceType[];

const numbers = new Map(datedTypes.map((type) => [type, numberOf(type, dated[type]?.date ?? '')]));
/** The number of that date of a type. */
export const compoundDateOf = (type: ResourceType): number | undefined => numbers.get(type);

/** Whether an entry also has a compound key with the day. */
export const hasCompoundKey = ({ parameter, ...entry }: IndexEntry): boolean =>
  dated[parameter.type]?.with.includes(parameter.code) === true &&
  (entry.kind === 'token'
    ? parameter.kind === 'token'
    : entry.kind === 'reference' && entry.type !== undefined);

/** Whether a filter asks only for entries with compound keys. */
export const asksCompoundKeys = ({ parameter, modifier, values }: Filter): boolean =>
  modifier === undefined &&
  (parameter.from ?? [parameter]).every(({ code }) => dated[parameter.type]?.with.includes(code)) &&
  values.every(({ code, target }) =>
    parameter.kind === 'token'
      ? code !== undefined
      : parameter.kind === 'reference' && target !== undefined && 'types' in target,
  );

/** The day and the month of a moment, as numbers. */
const dayOf = (moment: number): number => Math.floor(moment / day);
const monthOf = (moment: number): number => {
  const date = new Date(moment);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};
const unitOf = (type: ResourceType): typeof dayOf => (dated[type]?.alone === 'month' ? monthOf : dayOf);

/** `@DATE.DAY text`; of a stretch of more than a day, or of several, `@DATE. text`. */
const compoundKey = (dateNo: number, unit: number | undefined, text: string): string =>
  `@${numberText(dateNo)}.${unit ?? ''} ${text}`;

/** The entries of a date that starts at a moment (none: it is longer than a day, or one of several). */
export function compoundKeysOf(
  type: ResourceType,
  start: number | undefined,
  texts: readonly string[],
): string[] {
  const no = compoundDateOf(type);
  if (no === undefined) return [];
  const own = dated[type]?.alone
    ? [compoundKey(no, start === undefined ? undefined : unitOf(type)(start), '')]
    : [];
  return [
    ...own,
    ...texts.map((text) => compoundKey(no, start === undefined ? undefined : dayOf(start), text)),
  ];
}

/** Most ranges of an index in one query: MongoDB merges at most 200 in their order. */
const spansMax = 180;

export interface Starts {
  readonly from: number;
  readonly to: number; // exclusive
}

/** The days or months between two moments; undefined where they are too many, or no end is known. */
function unitsIn({ from, to }: Starts, unit: typeof dayOf): number[] | undefined {
  const [first, last] = [unit(from), unit(to - 1)];
  if (!(last - first < spansMax)) return undefined;
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i);
}

/** The texts of entries with the days on which a date may start; undefined where they are too many. */
export function compoundKeys(dateNo: number, starts: Starts, texts: readonly string[]): string[] | undefined {
  const days = unitsIn(starts, dayOf);
  if (!days || (days.length + 1) * texts.length > spansMax) return undefined;
  return [...days, undefined].flatMap((unit) => texts.map((text) => compoundKey(dateNo, unit, text)));
}

/** The texts of a date's own entries; undefined where there are none, or too many. */
export function dateKeys(type: ResourceType, starts: Starts): string[] | undefined {
  const no = compoundDateOf(type);
  const units = dated[type]?.alone && unitsIn(starts, unitOf(type));
  return no === undefined || !units
    ? undefined
    : [...units, undefined].map((unit) => compoundKey(no, unit, ''));
}
