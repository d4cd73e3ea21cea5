import type { ClaimView } from './view.ts';

export { knownAs, type ScrubInput } from './input.ts';

/** One thing wrong. `expression` is the FHIRPath of the element; without `severity` it has that of its rule. */
export interface Fault {
  readonly expression: string;
  readonly text: string; // one sentence, without anything from the chart
  readonly severity?: 'error' | 'warning';
}

/** A check of a claim before it leaves: pure, finds all faults of its kind, names its source and the cure. */
export interface ScrubRule {
  readonly id: string; // stable, e.g. 'diagnosis-pointer'; a practice turns a rule into a warning by it
  readonly source: string; // where the rule is written down
  readonly carc: string; // the denial it would earn
  readonly cure: string; // what to do about it, one sentence
  readonly severity: 'error' | 'warning';
  check(claim: ClaimView): Fault[]; // empty when the claim passes
}

export const fault = (expression: string, text: string, severity?: Fault['severity']): Fault =>
  severity === undefined ? { expression, text } : { expression, text, severity };

/** One fault when the condition does not hold, else none. */
export const unless = (
  sound: boolean,
  expression: string,
  text: string,
  severity?: Fault['severity'],
): Fault[] => (sound ? [] : [fault(expression, text, severity)]);
