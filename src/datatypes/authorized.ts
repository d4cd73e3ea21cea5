import type { Period } from '@medplum/fhirtypes';

/** One service that a payer has authorized beforehand, as claims for it name it. */
export interface Authorized {
  readonly request: string; // the Claim that asked for it: Claim/1
  readonly sequence: number; // of the item that asked
  readonly number: string; // that the payer gave: REF*G1 of a claim
  readonly payer: string; // Organization/1
  readonly patient: string; // Patient/1
  readonly providers: readonly string[]; // who may render it: billing provider and care team of the request
  readonly codes: readonly string[];
  readonly period: Period;
  readonly units?: number; // none: the payer set no limit
}
