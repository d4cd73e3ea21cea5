import { shippedCodes } from './codeSystem.ts';

/**
 * How a stay began and ended, as CMS publishes the codes (CC0), without texts: those are the NUBC's.
 * CL101 to CL103, Claim.supportingInfo admtype, pointoforigin, discharge-status.
 */
const types = shippedCodes('admission-type');
const origins = shippedCodes('point-of-origin');
const statuses = shippedCodes('discharge-status');

export const isAdmissionType = (code: string): boolean => types().has(code);
export const isPointOfOrigin = (code: string): boolean => origins().has(code);
export const isDischargeStatus = (code: string): boolean => statuses().has(code);

/** The patient has not left (billing rule 38). */
export const stillPatient = '30';
