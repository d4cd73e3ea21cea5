import { shippedCodes } from './codeSystem.ts';

/**
 * What a Medicare inpatient stay is grouped to: MS-DRG version 40 (FY2023) of CMS, public, numbers only.
 * Claim.supportingInfo drg.
 */
const groups = shippedCodes('ms-drg-40');

export const isMsDrg = (code: string): boolean => groups().has(code.padStart(3, '0'));
