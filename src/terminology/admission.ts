import { shippedCodes } from './codeSystem.ts';

/**
 * How a stay began and ended, as CMS publishes the codes (CC0), without texts: those are the NUBC's.
 * CL101 to CL103, Claim.supportingInfo admtype, pointoforigin, discharge-status.
 */
const types = shippedCodes('admission-type');
const origins = shippedCodes('point-of-origin');
const statuses = shippedCodes('discharge-status');

export const isAdmissionType = (code: string): boolean => types().has(code);
/** A newborn (type of admission 4) was born inside (5) or outside (6) this hospital; elsewhere 5 and 6 are transfers. */
export const isPointOfOrigin = (code: string, admissionType = ''): boolean =>
  admissionType === '4' ? code === '5' || code === '6' : origins().has(code);
export const isDischargeStatus = (code: string): boolean => statuses().has(code);

/** The patient has not left (billing rule 38). */
export const stillPatient = '30';
