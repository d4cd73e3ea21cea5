import { shippedCodes } from './codeSystem.ts';

/** Conditions of an institutional claim as CMS publishes the codes (CC0), without texts: those are the NUBC's. HI BG. */
const conditions = shippedCodes('condition-code');

export const isConditionCode = (code: string): boolean => conditions().has(code);
