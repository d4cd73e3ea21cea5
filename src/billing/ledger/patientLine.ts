import type { Cents } from '../../datatypes/cents.ts';
import type { About } from './posting.ts';

/** An amount on one line of what a patient owes: of a claim (its item, or as a whole), or a charge billed directly. */
export interface PatientLine {
  readonly encounter?: string | undefined;
  readonly claim?: string | undefined;
  readonly item?: number | undefined;
  readonly charge?: string | undefined;
  readonly amount: Cents;
}

/** A part of the unapplied credit: kept for one visit, or free. */
export interface CreditPart {
  readonly encounter?: string | undefined;
  readonly amount: Cents;
}

/** The dimensions of a patient line, on an Invoice or not. */
export const lineAbout = (line: Omit<PatientLine, 'amount'>, invoice?: string): About => ({
  encounter: line.encounter,
  charge: line.charge,
  claim: line.claim,
  item: line.item,
  invoice,
});
