import { shippedCodes } from './codeSystem.ts';
import { isAmbulance } from './hcpcs.ts';

/**
 * Modifiers: HCPCS Level II of CMS, public. Those of CPT (AMA) are accepted by their form: two digits, or a digit and P.
 * Source: https://www.cms.gov/medicare/coding-billing/healthcare-common-procedure-system
 */
const level2 = shippedCodes('hcpcs-modifier-2025');

/** Where an ambulance comes from and goes to: two of these letters (billing rule 29). */
const journey = /^[DEGHIJNPRSX]{2}$/;

/** True for origin and destination of an ambulance. */
export const isJourney = (modifier: string): boolean => journey.test(modifier);

/** True for a modifier that exists, or may exist, for the code it stands with. */
export const isModifier = (modifier: string, code = ''): boolean =>
  level2().has(modifier) || /^\d[0-9P]$/.test(modifier) || (isAmbulance(code) && isJourney(modifier));
