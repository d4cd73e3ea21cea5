import { readFileSync } from 'node:fs';

/** A line of a claim and what its payer does with it; amounts as text, as 1,160.25. */
export interface OracleLine {
  readonly line: number;
  readonly code: string;
  readonly modifier?: readonly string[];
  readonly units?: number;
  readonly charge: string;
  readonly revenue?: string;
  readonly diagnosis?: readonly number[];
  readonly allowed?: string;
  readonly adjustments?: readonly string[]; // CO-45 46.58
  readonly patient?: string;
  readonly paid?: string;
}

export interface OracleClaim {
  readonly claim: string; // 1, 7 first, 9a
  readonly lines: readonly OracleLine[];
  readonly header?: readonly string[]; // adjustments of the claim as a whole
  readonly total?: Readonly<Record<'charge' | 'allowed' | 'patient' | 'paid', string>>;
}

type Row<K extends string> = Readonly<Record<K, string>>;
export type JournalRow = Row<'on' | 'reason' | 'debit' | 'credit' | 'amount'>;

export interface Oracle {
  readonly claims: readonly OracleClaim[];
  readonly nextSteps: readonly OracleClaim[];
  readonly selfPay: readonly OracleLine[];
  readonly explanations: readonly Row<
    | 'eOB'
    | 'submitted'
    | 'eligible'
    | 'discount'
    | 'noncovered'
    | 'deductible'
    | 'coinsurance'
    | 'copay'
    | 'priorpayerpaid'
    | 'paidtoprovider'
    | 'memberliability'
    | 'paymentType'
  >[];
  readonly invoiceLines: readonly Row<
    'story' | 'line' | 'code' | 'copay' | 'deductible' | 'coinsurance' | 'nonCovered' | 'before' | 'net'
  >[];
  readonly invoices: readonly Row<'story' | 'net'>[];
  readonly ledger: readonly Row<
    | 'story'
    | 'charges'
    | 'insurerCash'
    | 'patientCash'
    | 'contractual'
    | 'insuranceReceivable'
    | 'patientReceivable'
    | 'unapplied'
  >[];
  readonly journal7: readonly JournalRow[];
  readonly journal10: readonly JournalRow[];
  readonly payments10: readonly Row<'date' | 'step' | 'amount' | 'openOnTheInvoice' | 'unappliedCredit'>[];
}

/** The ten stories worked to the cent: test/fixture/stories.json */
export const oracle = JSON.parse(
  readFileSync(new URL('../fixture/stories.json', import.meta.url), 'utf8'),
) as Oracle;

/** 7 first → story-07 */
export const visitOf = (claim: string): string => `story-${(/^\d+/.exec(claim)?.[0] ?? '').padStart(2, '0')}`;
