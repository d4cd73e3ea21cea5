import type { Claim } from '@medplum/fhirtypes';
import type { FormerAnswer } from '../../billing/opening/broughtForward.ts';
import type { Method } from '../../billing/payment/receipt.ts';
import type { Cents } from '../../datatypes/cents.ts';

/** Sums of a former system's reports: what payers owe, what patients owe, what stands to the patients' credit. */
export interface Totals {
  readonly insurance: Cents;
  readonly patient: Cents;
  readonly credit: Cents;
}
export const sides = ['insurance', 'patient', 'credit'] as const;

/** What a call says of the opening as a whole. */
export interface OpeningHead {
  readonly practice: string; // Organization/1
  readonly date: string; // the last day of the former books
  readonly source: string; // what the former system is called
  readonly control: Totals;
  readonly close: boolean;
  readonly restate: boolean;
}

/** Whose it is: an Account, or the patient's at the practice. */
export interface Owner {
  readonly account?: string | undefined; // Account/1
  readonly patient?: string | undefined; // Patient/1
}

/** What each part has: where it stands in the input, its number in the former system, a hash of all it says. */
interface Item {
  readonly place: string; // Parameters.parameter[3]
  readonly reference: string;
  readonly content: string;
}

export interface ClaimToLoad extends Item, Owner {
  readonly kind: 'claim';
  readonly claim: Claim;
  readonly sent: string;
  readonly open: Cents;
  readonly payerNumber: string | undefined;
  readonly answers: readonly FormerAnswer[];
}

export interface BalanceToLoad extends Item, Owner {
  readonly kind: 'balance';
  readonly amount: Cents;
  readonly serviceDate: string | undefined;
  readonly statementDate: string | undefined;
}

export interface CreditToLoad extends Item, Owner {
  readonly kind: 'credit';
  readonly amount: Cents;
  readonly date: string;
  readonly method: Method;
}

export type ToLoad = ClaimToLoad | BalanceToLoad | CreditToLoad;

/** What was loaded by mistake and is to be taken off. */
export interface ToWithdraw {
  readonly place: string;
  readonly kind: ToLoad['kind'];
  readonly reference: string;
}

/** The figure of the totals that a part counts in, and how much. */
export const countsIn = (item: ToLoad): readonly [(typeof sides)[number], Cents] => {
  switch (item.kind) {
    case 'claim':
      return ['insurance', item.open];
    case 'balance':
      return ['patient', item.amount];
    case 'credit':
      return ['credit', item.amount];
  }
};
