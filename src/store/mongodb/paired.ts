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

const known = new Map<ResourceType, readonly number[]>();
/** The numbers of those dates of a type. */
export function pairedDatesOf(type: ResourceType): readonly number[] {
  const numbers = known.get(type) ?? (pairedDates[type] ?? []).map((code) => numberOf(type, code));
  known.set(type, numbers);
  return numbers;
}

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

/** `@DATE.DAY and an entry's text; of a stretch of more than a day, or several, `@DATE.` and the text. */
export const pairedText = (dateNo: number, start: number | undefined, text: string): string =>
  `@${numberText(dateNo)}.${start === undefined ? '' : Math.floor(start / day)} ${text}`;

/** Days that are asked for one by one: MongoDB merges at most 200 stretches of an index in their order. */
const mostDays = 180;

/** The texts of entries with the days between two moments; undefined where they are too many, or no end is known. */
export function pairedTexts(
  dateNo: number,
  { from, to }: { readonly from: number; readonly to: number },
  texts: readonly string[],
): string[] | undefined {
  const [first, last] = [Math.floor(from / day), Math.floor((to - 1) / day)];
  const days = last - first + 1;
  if (!Number.isFinite(days) || (Math.max(days, 0) + 1) * texts.length > mostDays) return undefined;
  const starts = Array.from({ length: Math.max(days, 0) }, (_, i) => (first + i) * day);
  return [...starts, undefined].flatMap((start) => texts.map((text) => pairedText(dateNo, start, text)));
}
