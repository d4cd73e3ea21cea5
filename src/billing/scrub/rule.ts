import type { Claim, Resource } from '@medplum/fhirtypes';
import { parseReference } from '../../datatypes/reference.ts';
import type { FilingLimit } from '../../datatypes/filing.ts';
import type { ClaimView } from './view.ts';

/** What the rules may look at: a claim, resources already read, and the day it is judged on. */
export interface ScrubInput {
  readonly claim: Claim;
  readonly on: string; // FHIR date
  /**
   * By Type/id, what the claim refers to and is known here: patient, coverages and their subscribers, organisations,
   * practitioners, locations, ChargeItems.
   */
  readonly known: ReadonlyMap<string, Resource>;
  /** The patient's claims for the same days; those that were submitted count. */
  readonly earlier: readonly Claim[];
  /** The rules of the plan that is billed, as far as the practice knows them. */
  readonly plan: {
    readonly authorization: ReadonlySet<string>; // codes of services that need an authorisation number
    readonly filing?: readonly FilingLimit[]; // times to file, by kind of claim; none known: a calendar year
    /** How a stay is billed whose coverage changes: `admission` asks for coverage on the first day only. */
    readonly coverageChange?: 'admission' | 'split' | 'entitlement';
    readonly lastAnswer?: string; // when the payer answered the claim that this one corrects
  };
}

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

interface Pointer {
  readonly reference?: string | undefined;
}

/** What a reference names, when it is of the type and known here. */
export function knownAs<T extends Resource>(
  known: ReadonlyMap<string, Resource>,
  type: T['resourceType'],
  pointer: Pointer | undefined,
): T | undefined {
  const target = parseReference(pointer?.reference);
  const found = target?.type === type ? known.get(`${type}/${target.id}`) : undefined;
  return found?.resourceType === type ? (found as T) : undefined;
}
