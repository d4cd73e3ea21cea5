import type { Claim, ClaimResponse, Coverage } from '@medplum/fhirtypes';
import type { Cents } from '../datatypes/cents.ts';

/** A claim on its way to a payer. Its id and control number stay the same however often it has to be sent. */
export interface Transmission {
  readonly id: string;
  /** Patient control number, with the round behind it where the claim is sent again: CLM01 and BHT03 of an 837. */
  readonly controlNumber: string;
  readonly payer: string; // Organization/1
  readonly claim: Claim & { id: string };
  readonly coverage: Coverage & { id: string };
  readonly priors: readonly ClaimResponse[]; // what the payers before answered, in their order
  readonly satisfied: boolean; // what an earlier answer asked for has been given
  readonly sentOn: string; // FHIR date
  readonly answeredOn?: string; // the day the answer is to count as given; only where the gateway honours it
}

/** The payer's decision, or its request for something. */
export interface PayerAnswer {
  readonly is: 'answer';
  readonly response: ClaimResponse; // without id
  readonly takenBack?: Cents; // paid and taken back with the same remittance
  readonly reverses?: boolean; // the answer to the claim that this one replaces or voids is taken back with it
}

/**
 * The fate of a transmission. `accepted`: the payer has it and will answer. `refused`: the payer has it and will not
 * adjudicate it. `unknown`: not known now, to be asked with `find`.
 */
export type Sent =
  | PayerAnswer
  | { readonly is: 'accepted' }
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'unknown' };

/** The same, asked for later. `absent`: the payer never got it. `cannot-tell`: this gateway cannot find out. */
export type Found = Sent | { readonly is: 'absent' } | { readonly is: 'cannot-tell' };

/** What a claim is: Claim.type. See http://terminology.hl7.org/CodeSystem/claim-type */
export type ClaimType = 'institutional' | 'oral' | 'pharmacy' | 'professional';

/** The way to a payer. Called outside of transactions; what it throws counts as unknown. */
export interface Gateway {
  readonly honoursAnsweredOn: boolean;
  /** The claims it carries, by claim-type; an X12 gateway has no pharmacy claims. */
  readonly claimTypes: readonly ClaimType[];
  send(transmission: Transmission): Promise<Sent>;
  /** What became of a transmission that may have been sent. */
  find(id: string): Promise<Found>;
  /** Asks the payer where a claim stands that it has and does not answer (276); what it says comes as an answer does. */
  inquire?(id: string): Promise<void>;
  /** The answer that the payer would give now; nothing is sent or kept. */
  foresee?(transmission: Transmission): Promise<PayerAnswer>;
}
