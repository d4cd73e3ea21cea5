import type { Claim } from '@medplum/fhirtypes';
import type { FilingLimit } from '../../datatypes/filing.ts';
import type { Known } from '../../datatypes/known.ts';
import type { ScrubTables } from '../../terminology/table/lookUp.ts';

/** What the rules may look at: a claim, resources already read, and the day it is judged on. */
export interface ScrubInput {
  readonly claim: Claim;
  readonly on: string; // FHIR date
  /**
   * By Type/id, what the claim refers to and is known here: patient, coverages and their subscribers, organisations,
   * practitioners, locations, ChargeItems.
   */
  readonly known: Known;
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
  /** The coding tables that the practice has loaded; none: nothing is looked up. */
  readonly tables?: ScrubTables;
}

export { knownAs } from '../../datatypes/known.ts';
