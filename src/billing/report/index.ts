import { agedReceivables } from './measures/agedReceivables.ts';
import { cleanClaims, denials, firstPass } from './measures/claimQuality.ts';
import { adjustments, income } from './measures/income.ts';
import { collectionRate, payerMix, paymentAnalysis } from './measures/payments.ts';
import { compliance, creditBalances, trialBalance } from './measures/standing.ts';
import { daysInReceivables, lags, productivity } from './measures/time.ts';
import { underpayments } from './measures/underpayments.ts';
import type { Report } from './report.ts';

/** Every report, by the id of its Measure. Add yours here. */
export const reports: readonly Report[] = [
  agedReceivables,
  daysInReceivables,
  cleanClaims,
  firstPass,
  denials,
  collectionRate,
  paymentAnalysis,
  payerMix,
  income,
  adjustments,
  lags,
  creditBalances,
  productivity,
  compliance,
  trialBalance,
  underpayments,
];
