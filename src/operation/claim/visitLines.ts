import type { Assigned, Cover } from '../../billing/claim/assign.ts';
import {
  claimLine,
  isInpatient,
  visitForm,
  visitPlace,
  type ClaimForm,
  type ClaimLine,
  type VisitForm,
} from '../../billing/claim/claimLine.ts';
import { fillOf } from '../../billing/claim/fill.ts';
import { oralServiceOf } from '../../billing/claim/oralSite.ts';
import type { PayerOrder } from '../../billing/claim/payerOrder.ts';
import { isBillable } from '../../billing/claim/split.ts';
import { dayIn } from '../../billing/charge/night.ts';
import { codeOfIssue } from '../../outcome/issue.ts';
import type { CapturedVisit } from '../charge/captureCharges.ts';
import { performerOf } from '../charge/visit.ts';

/** The charges of a visit as claim lines, and what they share. */
export interface VisitLines {
  readonly form: VisitForm;
  readonly place: { readonly code: string; readonly why: string };
  readonly inpatient: boolean;
  readonly rendering: string | undefined;
  readonly lines: readonly ClaimLine[];
  readonly left: readonly ClaimLine[]; // no claim can carry them
}

export const noneAssigned: Omit<Assigned, 'groups' | 'issues'> = { waiting: [], held: [], nobody: [] };

/** Reads the charges of a visit as lines of the claim form of the visit. */
export function linesOfVisit(visit: CapturedVisit, asked?: ClaimForm): VisitLines {
  const { chart, practice, zone } = visit;
  const { encounter } = chart;
  const place = visitPlace(encounter, chart.locations);
  const form = visitForm(encounter, place.code, asked);
  const inpatient = form === 'institutional' && isInpatient(encounter);
  const rendering = performerOf(encounter)?.reference;
  const setting = {
    day: (dateTime: string) => dayIn(zone, dateTime),
    form,
    practice,
    place: place.code,
    ...(rendering === undefined ? {} : { rendering }),
    ...(place.facility === undefined ? {} : { facility: place.facility }),
    locations: chart.locations,
    oralOf: (charted: string) => oralServiceOf(chart, visit.coder, charted),
    fillOf: (charted: string) => fillOf(chart, visit.coder, charted),
  };
  const all = visit.charges.flatMap(({ charge }) => claimLine(charge, setting) ?? []);
  const lines = all.filter((l) => isBillable(l, inpatient));
  return { form, place, inpatient, rendering, lines, left: all.filter((l) => !lines.includes(l)) };
}

/**
 * Who pays the visit: of the first day that has a payer, else as its first day says. Want of coverage on a day is no
 * fault while another day is covered.
 */
export function payersOfVisit(cover: Cover, lines: readonly ClaimLine[]): PayerOrder {
  const first = cover.payersOn(cover.day);
  const days = [
    ...(cover.stay?.stretches ?? []).map((s) => ({ start: s.start, form: undefined })),
    ...lines.map(({ start, form }) => ({ start, form })),
  ].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const all = [first, ...days.map(({ start, form }) => cover.payersOn(start, form))];
  const unclear = all.find((p) => p.faults.some((f) => codeOfIssue(f) !== 'coverage-not-active'));
  return unclear ?? all.find((p) => p.coverages.length > 0) ?? first;
}
