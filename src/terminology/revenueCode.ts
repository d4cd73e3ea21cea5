import { shippedCodes } from './codeSystem.ts';

/**
 * The department a line of an institutional claim belongs to: four digits, as CMS publishes them (CC0), codes only:
 * the texts are the NUBC's. SV201, Claim.item.revenue.
 */
const revenueCodes = shippedCodes('revenue-code');

export const isRevenueCode = (code: string): boolean => revenueCodes().has(code);

/** Room and board, 0100 to 0219: counted in days, on inpatient claims only (billing rule 37). */
export const isRoomAndBoard = (code: string): boolean => code >= '0100' && code <= '0219';
