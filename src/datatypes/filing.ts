import { addDays } from './date.ts';

/** What kind of claim a time to file is for, and the day that it counts from. */
export const filingKinds = ['original', 'corrected', 'secondary', 'retroactive-coverage'] as const;
export const filingAnchors = [
  'line-from',
  'through',
  'prior-answer',
  'last-answer',
  'notice-of-coverage',
] as const;
export type FilingKind = (typeof filingKinds)[number];
export type FilingAnchor = (typeof filingAnchors)[number];

/** A time to file: days or calendar years. Without kind it holds for every kind that has no limit of its own. */
export interface FilingLimit {
  readonly kind?: FilingKind;
  readonly anchor?: FilingAnchor;
  readonly days?: number;
  readonly years?: number;
}

/** What a limit counts from, of one line of a claim. FHIR dates. */
export interface FilingFacts {
  readonly institutional: boolean;
  readonly from: string; // of the line
  readonly through: string; // last day of the claim
  readonly corrected: boolean; // it replaces or voids an earlier claim
  readonly priorAnswer?: string | undefined; // of the payer before
  readonly lastAnswer?: string | undefined; // of this payer, to the claim that is corrected
  readonly notice?: string | undefined; // when the coverage became known, after the service
}

/** The last day on which a line can be filed, with the kind and the anchor that decide; undefined without a limit. */
export function filingDeadline(
  limits: readonly FilingLimit[],
  facts: FilingFacts,
): { readonly last: string; readonly kind: FilingKind; readonly anchor: FilingAnchor } | undefined {
  const kinds = kindsOf(facts);
  const [kind = 'original'] = kinds;
  const own = kinds.flatMap((k) => limits.find((l) => l.kind === k) ?? [])[0];
  const limit = own ?? limits.find((l) => l.kind === undefined);
  if (limit === undefined) return undefined;
  const anchor = limit.anchor ?? usualAnchor(limit.kind ?? kind, facts);
  const [day, counted] = dayOf(anchor, facts);
  const { days, years } = limit;
  if (days === undefined && years === undefined) return undefined;
  const last = days === undefined ? addYears(day, years ?? 0) : addDays(day, days);
  return { last, kind: limit.kind ?? kind, anchor: counted };
}

/** The kinds that a claim is of, the most special first; a limit for a less special one holds where there is none. */
const kindsOf = ({ corrected, priorAnswer, notice, from }: FilingFacts): FilingKind[] => [
  ...(corrected ? (['corrected'] as const) : []),
  ...(priorAnswer === undefined ? [] : (['secondary'] as const)),
  ...(notice !== undefined && notice > from ? (['retroactive-coverage'] as const) : []),
  'original',
];

function usualAnchor(kind: FilingKind, { institutional, priorAnswer }: FilingFacts): FilingAnchor {
  if (kind === 'retroactive-coverage') return 'notice-of-coverage';
  if (priorAnswer !== undefined && kind !== 'corrected') return 'prior-answer';
  return institutional ? 'through' : 'line-from';
}

/** The day of an anchor; where it is not known, the service counts. */
function dayOf(anchor: FilingAnchor, facts: FilingFacts): readonly [string, FilingAnchor] {
  const named: Readonly<Record<FilingAnchor, string | undefined>> = {
    'line-from': facts.from,
    through: facts.through,
    'prior-answer': facts.priorAnswer,
    'last-answer': facts.lastAnswer,
    'notice-of-coverage': facts.notice,
  };
  const day = named[anchor];
  if (day !== undefined) return [day, anchor];
  return facts.institutional ? [facts.through, 'through'] : [facts.from, 'line-from'];
}

/** The same day some years later; 29 February becomes the 28th. */
function addYears(day: string, years: number): string {
  const year = (Number(day.slice(0, 4)) + years).toString().padStart(4, '0');
  const isLeap = new Date(`${year}-02-29T00:00:00Z`).getUTCDate() === 29;
  return day.endsWith('-02-29') && !isLeap ? `${year}-02-28` : `${year}${day.slice(4)}`;
}
