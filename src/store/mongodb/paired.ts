import type { ResourceType } from '@medplum/fhirtypes';
import type { Filter, IndexEntry } from '../../search/query.ts';
import { isOfChart } from './compartmentKey.ts';
import { numberOf, numberText } from './parameterNumber.ts';
import { day } from './range.ts';

/**
 * Dates by which a type is asked for together with a code or a party, each of which has very many resources: days and
 * codes are entries together. See docs/decision/0019.
 */
const pairedDates: Partial<Record<ResourceType, readonly string[]>> = {
  Appointment: ['date'],
  ChargeItem: ['occurrence'],
  Claim: ['created'],
  Condition: ['onset-date', 'recorded-date'],
  DiagnosticReport: ['date'],
  DocumentReference: ['date'],
  Encounter: ['date'],
  ExplanationOfBenefit: ['created'],
  Immunization: ['date'],
  Invoice: ['date'],
  MedicationRequest: ['authoredon'],
  Observation: ['date'],
  PaymentReconciliation: ['created'],
  Procedure: ['date'],
  ServiceRequest: ['authored'],
  Task: ['authored-on'],
};

const numbersOf = (type: ResourceType, codes: readonly string[]): readonly number[] =>
  codes.map((code) => numberOf(type, code));
const numbers = new Map(
  Object.entries(pairedDates).map(([type, codes]) => [type, numbersOf(type as ResourceType, codes)]),
);
/** The numbers of those dates of a type. */
export const pairedDatesOf = (type: ResourceType): readonly number[] => numbers.get(type) ?? [];

const birthdate = numbersOf('Patient', ['birthdate']);
/** The numbers of the dates of a type whose days and months are entries by themselves. */
export const calendarDatesOf = (type: ResourceType): readonly number[] =>
  type === 'Patient' ? birthdate : pairedDatesOf(type);

/** Whether entries of a parameter are there with days: not of what is narrow by itself, or about the resource only. */
const isWide = (code: string): boolean =>
  code !== 'identifier' && !code.startsWith('_') && !code.includes(':');

/** Whether an entry is there with days, too: a token, or a reference to what is no part of a chart. */
export const isPaired = ({ parameter, ...entry }: IndexEntry): boolean =>
  isWide(parameter.code) &&
  (entry.kind === 'token'
    ? parameter.kind === 'token'
    : entry.kind === 'reference' && entry.type !== undefined && !isOfChart(entry.type));

/** Whether a filter asks for nothing but such entries. */
export const isOfPaired = ({ parameter, modifier, values }: Filter): boolean =>
  modifier === undefined &&
  (parameter.from ?? [parameter]).every(({ code }) => isWide(code)) &&
  values.every(({ code, target }) =>
    parameter.kind === 'token'
      ? code !== undefined
      : parameter.kind === 'reference' && target && 'types' in target && !target.types.some(isOfChart),
  );

/** What stands for a moment in entries: its day or its month, since 1970; of no moment it is empty. */
type Unit = (moment: number) => string;
const dayText: Unit = (moment) => String(Math.floor(moment / day));
const monthOf = (moment: number): number => {
  const date = new Date(moment);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
};
const monthText: Unit = (moment) => `m${monthOf(moment)}`;

/** `@DATE.DAY` and an entry's text; of a stretch of more than a day, or of several, `@DATE.` and the text. */
const pairedText = (dateNo: number, unit: string, text: string): string =>
  `@${numberText(dateNo)}.${unit} ${text}`;

/** The entries of a date that starts at a moment (none: it is longer than a day, or one of several) with others. */
export const pairsOf = (dateNo: number, start: number | undefined, texts: readonly string[]): string[] =>
  texts.map((text) => pairedText(dateNo, start === undefined ? '' : dayText(start), text));

/** Its entries by itself. */
export const calendarOf = (dateNo: number, start: number | undefined): string[] =>
  (start === undefined ? [''] : [dayText(start), monthText(start)]).map((unit) =>
    pairedText(dateNo, unit, ''),
  );

/** Stretches of an index that are asked for at once: MongoDB merges at most 200 in their order. */
const most = 180;

export interface Starts {
  readonly from: number;
  readonly to: number; // exclusive
}

/** The days between two moments; undefined where they are too many, or no end is known. */
function daysOf({ from, to }: Starts): string[] | undefined {
  const [first, last] = [Math.floor(from / day), Math.floor((to - 1) / day)];
  if (!(last - first < most)) return undefined;
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => String(first + i));
}

function monthsOf({ from, to }: Starts): string[] | undefined {
  const [first, last] = [monthOf(from), monthOf(to - 1)];
  if (!(last - first < most)) return undefined;
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => `m${first + i}`);
}

/** The texts of entries with the days on which a date may start; undefined where they are too many. */
export function pairedTexts(dateNo: number, starts: Starts, texts: readonly string[]): string[] | undefined {
  const days = daysOf(starts);
  if (!days || (days.length + 1) * texts.length > most) return undefined;
  return [...days, ''].flatMap((unit) => texts.map((text) => pairedText(dateNo, unit, text)));
}

/** The days on which a date may start, or the months. */
export const calendarTexts = (dateNo: number, starts: Starts): string[] | undefined => {
  const units = daysOf(starts) ?? monthsOf(starts);
  return units && [...units, ''].map((unit) => pairedText(dateNo, unit, ''));
};
