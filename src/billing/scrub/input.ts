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
  /** Stays of the patient that begin on a day of the claim or in the three days after it; read where Medicare is billed. */
  readonly admissions?: readonly Admission[];
  /** Who is enrolled with the payer for the group; none: this payer does not ask for it. */
  readonly enrolments?: readonly Enrolment[];
  /** Admissions of the claim (Encounter/1) at which a patient with Medicare was not asked who else pays. */
  readonly unasked?: readonly string[];
  /** The coding tables that the practice has loaded; none: nothing is looked up. */
  readonly tables?: ScrubTables;
}

/** An enrolment with the payer: of a person for a group, or of the group itself. */
export interface Enrolment {
  readonly practitioner?: string; // Practitioner/1
  readonly group: string; // Organization/1
  readonly place?: string; // Location/1; none: every place of the group
  readonly from?: string; // FHIR date
  readonly through?: string; // FHIR date
}

/** A stay in hospital that has begun. */
export interface Admission {
  readonly encounter: string; // Encounter/1
  readonly from: string; // FHIR date
  /** The hospital, and the organizations that own it: Organization/1. */
  readonly hospital: readonly string[];
  readonly taxonomies: readonly string[]; // NUCC, of the hospital
}

export { knownAs } from '../../datatypes/known.ts';
