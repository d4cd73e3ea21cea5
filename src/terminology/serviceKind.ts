import { looksLikeHcpcs } from './hcpcs.ts';

/**
 * Kinds of services by the range their codes stand in. CPT is known by number only: its list is the AMA's. Ranges are
 * from general knowledge of how CMS groups them.
 */

const numberOf = (code: string): number => (/^\d{5}$/.test(code) ? Number(code) : -1);
const between = (code: string, low: number, high: number): boolean =>
  numberOf(code) >= low && numberOf(code) <= high;

/** Visits of HCPCS Level II: first visits and yearly wellness visits of Medicare, clinic visits. */
const visits = new Set(['G0402', 'G0438', 'G0439', 'G0463', 'G0466', 'G0467', 'G0468', 'T1015']);

/** Evaluation and management of a patient: what modifiers 24, 25 and 57 are for. */
export const isVisit = (code: string): boolean =>
  visits.has(code) || between(code, 99202, 99499) || /^(92002|92004|92012|92014)$/.test(code);

/** Visits to a patient in hospital, in the emergency department and in an office. */
export const isHospitalVisit = (code: string): boolean =>
  between(code, 99221, 99223) || between(code, 99231, 99239);
export const isEmergencyVisit = (code: string): boolean => between(code, 99281, 99285);
export const isOfficeVisit = (code: string): boolean => between(code, 99202, 99215);

/** Anaesthesia, which is billed by the minute. */
export const isAnaesthesia = (code: string): boolean => between(code, 100, 1999);

/** Laboratory tests: pathology and laboratory of CPT, P codes and those G codes that are tests. */
export const isLaboratory = (code: string): boolean =>
  between(code, 80000, 89999) ||
  /^\d{4}U$/.test(code) ||
  /^P[2379]\d{3}$/.test(code) ||
  /^G0(027|10[37]|123|14[1378]|306|307|328|327|43[235]|471|47[26]|48[0-3]|499|659)$/.test(code);

/** Drugs and biologicals of HCPCS Level II. */
export const isDrug = (code: string): boolean => looksLikeHcpcs(code) && /^(J|Q[0259]|C9|A9|P9)/.test(code);

/** Physical, occupational and speech therapy. */
export const isTherapy = (code: string): boolean =>
  between(code, 97010, 97799) || between(code, 92507, 92526) || /^G0(281|283|329)$/.test(code);
