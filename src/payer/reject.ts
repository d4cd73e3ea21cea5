import type { Adjustment } from '../billing/adjudication/benefit.ts';

/** NCPDP reject codes (511-FB) by the CARC that says the same to others. Codes alone: their words are NCPDP's. */
const rejects: Readonly<Record<string, string>> = {
  18: '83', // duplicate of a paid claim
  26: '67', // filled before coverage
  27: '69', // filled after coverage
  29: '81', // too old
  31: '52', // member not matched
  197: '75', // authorisation required
  204: '70', // not covered
};
const otherwise = '85';

/** Why a pharmacy line was rejected, in the code that pharmacies read. */
export const rejectCode = (adjustments: readonly Adjustment[]): string =>
  adjustments.flatMap((a) => rejects[a.reason] ?? [])[0] ?? otherwise;
