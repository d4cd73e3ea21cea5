import type {
  Bundle,
  Claim,
  ClaimResponse,
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Resource,
} from '@medplum/fhirtypes';
import type { Cents } from '../datatypes/cents.ts';
import type { FhirServer } from '../transport/transport.ts';

/** How claims of a practice get to a payer through a trading partner. */
export interface Route {
  readonly affiliation: string; // OrganizationAffiliation/1, which says so
  readonly endpoint: string; // Endpoint/1: the trading partner
  readonly payerId: string; // what the partner calls the payer
}

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
  readonly route?: Route; // where a trading partner is between
}

/** The payer's decision, or its request for something. */
export interface PayerAnswer {
  readonly is: 'answer';
  readonly response: ClaimResponse; // without id
  readonly takenBack?: Cents; // paid and taken back with the same remittance
  readonly reverses?: boolean; // the answer to the claim that this one replaces or voids is taken back with it
}

/**
 * The fate of a transmission. `accepted`: the payer has it and will answer; `pended` is what it says of a prior
 * authorization until then. `awaited`: it is on its way, and what comes
 * back comes by itself: nobody is asked. `refused`: it will not be adjudicated. `unfit`: what it answered cannot be
 * taken, for a person to look at. `unknown`: not known now, to be asked with `find`.
 */
export type Sent =
  | PayerAnswer
  | { readonly is: 'unfit'; readonly reason: string }
  | { readonly is: 'accepted'; readonly pended?: ClaimResponse }
  | { readonly is: 'awaited' }
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'unknown' };

/** The same, asked for later. `absent`: the payer never got it. `cannot-tell`: this gateway cannot find out. */
export type Found = Sent | { readonly is: 'absent' } | { readonly is: 'cannot-tell' };

/** How a payer's FHIR server says what it has: a search by identifier, $inquire by example, or not at all. */
export type Look = 'search' | 'inquire' | 'none';

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
  /** Asks about eligibility; a gateway without it carries no such questions. What it throws counts as unknown. */
  askEligibility?(question: EligibilityQuestion): Promise<EligibilitySaid>;
  /** The answer to such a question that the payer would give now; nothing is sent or kept. */
  foreseeEligibility?(question: EligibilityQuestion): Promise<EligibilitySaid>;
}

/** A question about eligibility on its way to a payer. No money hangs on it: asked twice, it does no harm. */
export interface EligibilityQuestion {
  readonly trace: string; // TRN02 of a 270; the answer names it
  readonly payer: string; // Organization/1
  readonly request: CoverageEligibilityRequest & { id: string };
  readonly coverage: Coverage | undefined; // undefined: which one the patient has is what is asked
  readonly parties: ReadonlyMap<string, Resource>; // by Type/id: whoever the request and its coverage name
  readonly on: string; // FHIR date
  readonly isUrgent: boolean; // somebody waits for the answer
  readonly route?: Route; // where a trading partner is between
}

/** `awaited`: it is on its way, and the answer comes by itself. The others as of a claim. */
export type EligibilitySaid =
  | { readonly is: 'answer'; readonly response: CoverageEligibilityResponse }
  | { readonly is: 'awaited' }
  | { readonly is: 'unfit' | 'refused'; readonly reason: string }
  | { readonly is: 'unknown' };

/** Where questions wait for the next interchange to their trading partner; handed in, for a gateway knows no store. */
export interface QuestionBox {
  take(question: EligibilityQuestion): Promise<EligibilitySaid>;
}

/** The FHIR server of the payer of a question; handed in as well. */
export interface QuestionServer {
  of(question: EligibilityQuestion): Promise<
    | {
        readonly server: FhirServer;
        readonly bundle: Bundle; // what is sent
        /** What the server answered, in our names. */
        readonly read: (said: Resource) => EligibilitySaid;
      }
    | undefined
  >;
}

/** Where claims wait for the next interchange to their trading partner; handed in, for a gateway knows no store. */
export interface Outbox {
  /** Keeps a claim, once however often it is called for it; what cannot be written as an 837 is refused. */
  take(transmission: Transmission): Promise<Sent>;
  /** Whether a transmission was kept. */
  has(id: string): Promise<boolean>;
  /** Asks where the claim of a transmission stands, with the next questions that go to the partner. */
  ask(id: string): Promise<void>;
}

/** A claim that is fixed as it goes to its payer's server, each time the same. */
export interface FhirPrepared {
  readonly claim: Claim & { id: string }; // as our store has it
  readonly bundle: Bundle; // what is sent of it, the Claim first
  readonly today: string;
  readonly id: string; // of the transmission
  readonly server: FhirServer;
  readonly look: Look;
  readonly postedBefore?: number; // milliseconds since it was posted last, where it may have arrived
  readonly isReceived: boolean; // the payer said that it has it
}

/** Why a claim cannot be sent to a FHIR server at all. */
export interface FhirUnsendable {
  readonly reason: string;
  readonly isPosted: boolean; // the payer may have it
}

/** What is kept of claims to FHIR servers; handed in, for a gateway knows no store. */
export interface FhirOutbox {
  /** Fixes what is sent, once however often it is called for a transmission. */
  prepare(transmission: Transmission): Promise<FhirPrepared | FhirUnsendable>;
  /** What was fixed before; undefined where nothing was. */
  prepared(id: string): Promise<FhirPrepared | FhirUnsendable | undefined>;
  /** Before a post: the payer may have it from now on. After it: it certainly did not arrive, or it did. */
  note(id: string, what: 'posting' | 'not-arrived' | 'received'): Promise<void>;
}
