import { shippedCodes } from './codeSystem.ts';

/**
 * Where care was given: CMS Place of Service Code Set, public. CLM05-1, Claim.item.location.
 * Source: https://www.cms.gov/medicare/coding-billing/place-of-service-codes/code-sets
 */
const places = shippedCodes('place-of-service');

export const isPlaceOfService = (code: string): boolean => places().has(code);
