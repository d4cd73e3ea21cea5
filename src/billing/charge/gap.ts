import { addDays } from '../../datatypes/date.ts';

/** What is missing between a kept visit and its money. */
export const gapKinds = ['no-visit', 'no-charge', 'note-unsigned', 'on-hold', 'not-billed'] as const;
export type GapKind = (typeof gapKinds)[number];

export interface Gap {
  readonly kind: GapKind;
  readonly since: string; // FHIR date
}

/** How many days each step may take before its absence is told. */
export interface Allowed {
  readonly chargeDays: number;
  readonly noteDays: number;
  readonly billDays: number;
}

export interface ClaimOfVisit {
  readonly isSent: boolean;
  readonly heldSince?: string | undefined; // FHIR date, of a draft that its biller holds back
}

/** What is known of a visit, by its status in R4. */
export interface VisitFacts {
  readonly status: string;
  readonly isStay: boolean;
  readonly hasKeptAppointment: boolean;
  readonly day: string; // of its end, else of its beginning
  readonly charges: readonly string[]; // their statuses
  readonly unsigned: readonly string[]; // days since which notes are preliminary
  readonly claims: readonly ClaimOfVisit[];
}

const present: readonly string[] = ['arrived', 'triaged', 'in-progress'];
const fallen: readonly string[] = ['entered-in-error', 'aborted', 'unknown'];

/**
 * Whether the patient came, and the visit is over. One that nobody has finished counts once its day has passed; a stay
 * only when it is finished.
 */
export const wasKept = ({ status, isStay, hasKeptAppointment }: VisitFacts): boolean =>
  status === 'finished' ||
  (!isStay && (present.includes(status) || (status === 'planned' && hasKeptAppointment)));

/** What is missing of a visit on a day. What takes no longer than the practice allows is not told yet. */
export function gapsOf(facts: VisitFacts, allowed: Allowed, today: string): readonly Gap[] {
  if (!wasKept(facts)) return [];
  const isOver = (since: string, days: number): boolean => addDays(since, days) <= today;
  const found: Gap[] = [];
  const standing = facts.charges.filter((status) => !fallen.includes(status));
  if (standing.length === 0 && isOver(facts.day, allowed.chargeDays))
    found.push({ kind: 'no-charge', since: facts.day });
  const [note] = facts.unsigned.toSorted();
  if (note !== undefined && isOver(note, allowed.noteDays))
    found.push({ kind: 'note-unsigned', since: note });
  const [held] = facts.claims.flatMap(({ heldSince }) => heldSince ?? []).toSorted();
  if (held !== undefined && isOver(held, 1)) found.push({ kind: 'on-hold', since: held });
  const isOpen = standing.includes('billable') && !facts.claims.some(({ isSent }) => isSent);
  if (isOpen && held === undefined && isOver(facts.day, allowed.billDays))
    found.push({ kind: 'not-billed', since: facts.day });
  return found;
}

/** A kept appointment without a visit. */
export const gapOfAppointment = (day: string, allowed: Allowed, today: string): readonly Gap[] =>
  addDays(day, allowed.chargeDays) <= today ? [{ kind: 'no-visit', since: day }] : [];
