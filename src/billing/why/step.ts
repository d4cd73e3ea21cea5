import type { Cents } from '../../datatypes/cents.ts';

/** What a step of an explanation is about. */
export type StepKind =
  | 'amount' // the amount that was asked about
  | 'part' // what adds up to the amount above it
  | 'entry' // an entry of the journal
  | 'decision' // what a payer decided
  | 'claim-line'
  | 'charge'
  | 'price' // the line of the charge master
  | 'code-map' // how the charted code became the billed one
  | 'chart' // what was charted
  | 'visit'
  | 'note';

/** One step from an amount back to the note; `level` says how deep, the amount that was asked about is 0. */
export interface Step {
  readonly level: number;
  readonly kind: StepKind;
  readonly text: string; // one plain sentence: codes, ids, days and amounts
  readonly amount?: Cents;
  readonly source?: string; // where it stands: Invoice/1, ClaimResponse/1/_history/1
  readonly rule?: string; // the canonical of the price
}

/** Steps below another one, so many levels deeper. */
export const below = (level: number, steps: readonly Step[]): Step[] =>
  steps.map((step) => ({ ...step, level: step.level + level }));
