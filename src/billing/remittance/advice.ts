import type { Cents } from '../../datatypes/cents.ts';

/** One adjustment of a CAS segment. Positive lowers the payment. 835 loops 2100 and 2110. */
export interface AdviceAdjustment {
  readonly group: 'CO' | 'PR' | 'OA' | 'PI';
  readonly reason: string; // CARC
  readonly amount: Cents;
  readonly quantity?: number;
}

/** Whom a segment NM1 or N1 names. */
export interface AdviceParty {
  readonly name?: string;
  readonly npi?: string;
  readonly tin?: string;
  readonly reference?: string; // Organization/1, where a person named it
  /** Other numbers, with X12's qualifier: payer ids (2U, NF, XV, PI), member ids (MI). */
  readonly ids: readonly { readonly qualifier: string; readonly value: string }[];
}

/** A service line of a claim. Loop 2110. */
export interface AdviceLine {
  readonly position: number; // of its SVC in the interchange; 0 where it was entered by hand
  readonly qualifier?: string; // HC, NU, AD, N4 …
  readonly code?: string; // what was paid for; of an institutional line a revenue code may stand alone
  readonly modifiers: readonly string[];
  readonly revenue?: string;
  readonly originalCode?: string; // SVC06, what was billed where the payer changed it
  readonly charge: Cents;
  readonly paid: Cents;
  readonly units?: number;
  readonly controlNumber?: string; // REF*6R
  readonly from?: string; // FHIR date
  readonly to?: string;
  readonly allowed?: Cents; // AMT*B6
  readonly adjustments: readonly AdviceAdjustment[];
  readonly remarks: readonly string[]; // LQ*HE
}

/** What a payer says of one claim: a CLP with all below it. Loop 2100. */
export interface AdviceClaim {
  readonly ordinal: number; // 1 for the first CLP of the transaction
  readonly position: number;
  readonly patientControlNumber: string; // CLP01
  readonly status: string; // CLP02
  readonly charge: Cents;
  readonly paid: Cents;
  readonly patientShare?: Cents; // CLP05
  readonly filingIndicator?: string;
  readonly payerControlNumber?: string; // CLP07
  readonly facilityCode?: string;
  readonly frequency?: string;
  readonly drg?: string;
  readonly adjustments: readonly AdviceAdjustment[];
  readonly remarks: readonly string[]; // MOA03–07, MIA05, MIA20–23
  readonly member?: string;
  readonly patient?: { readonly last?: string; readonly first?: string };
  readonly rendering?: string; // NPI
  readonly practice?: string; // TS301, the provider of the group of claims
  /** The payer to which the claim was forwarded. NM1*TT */
  readonly crossover?: AdviceParty;
  /** The payer who should pay first. NM1*PR */
  readonly priority?: AdviceParty;
  readonly original?: string; // REF*F8
  readonly received?: string; // DTM*050
  readonly from?: string; // DTM*232
  readonly to?: string; // DTM*233
  readonly interest?: Cents; // AMT*I, for information only
  readonly lines: readonly AdviceLine[];
  /** What could not be read: the segment and its element, no values. Such a claim is not posted. */
  readonly faults: readonly string[];
}

/** A provider-level adjustment: one pair of a PLB. Positive lowers the payment. */
export interface AdviceProviderAdjustment {
  readonly position: number;
  readonly ordinal: number;
  readonly provider: string; // PLB01
  readonly code: string; // PLB03-1
  readonly reference?: string; // PLB03-2
  readonly amount: Cents;
}

/** A whole remittance advice: one payment and what it is for. One transaction set 835. */
export interface Advice {
  readonly set: string; // ST02
  readonly handling: string; // BPR01: I with a payment, H for information only
  readonly paid: Cents; // BPR02
  readonly method: string; // BPR04
  readonly date: string; // BPR16, a FHIR date
  readonly trace: string; // TRN02
  readonly payerTin?: string; // TRN03 without its leading 1
  readonly production?: string; // DTM*405
  readonly payer: AdviceParty;
  readonly payee: AdviceParty;
  readonly claims: readonly AdviceClaim[];
  readonly adjustments: readonly AdviceProviderAdjustment[];
  /** What could not be read of the payment itself: nothing of it is posted. */
  readonly faults: readonly string[];
}

/** True for a CLP that takes an earlier one back. */
export const isReversal = ({ status }: Pick<AdviceClaim, 'status'>): boolean => status === '22';
/** A CLP that decides nothing here: forwarded without being judged (23), or a predetermination (25). */
export const isUndecided = ({ status }: Pick<AdviceClaim, 'status'>): boolean =>
  status === '23' || status === '25';
/** The payer has sent the claim on to the next one. */
export const isForwarded = ({ status, crossover, remarks }: AdviceClaim): boolean =>
  ['19', '20', '21'].includes(status) ||
  crossover !== undefined ||
  remarks.some((r) => r === 'MA18' || r === 'MA07' || r === 'N89');
