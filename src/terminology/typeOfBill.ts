import { shippedCodes } from './codeSystem.ts';

/**
 * What kind of institutional claim it is: 0, facility, classification, frequency. Codes as CMS publishes them (CC0),
 * without texts: those are the NUBC's. CLM05-1 and CLM05-3, Claim.supportingInfo typeofbill.
 */
const facilityAndClass = shippedCodes('type-of-bill');
const frequencies = shippedCodes('type-of-bill-frequency');

export interface TypeOfBill {
  readonly kind: string; // facility and classification: 11 is a hospital's inpatient claim
  readonly frequency: string;
}

/** Reads 0111 (or 111); undefined when facility, classification or frequency is none CMS publishes. */
export function typeOfBill(code: string): TypeOfBill | undefined {
  const [, kind = '', frequency = ''] = /^0?(\d{2})([0-9A-Z])$/.exec(code) ?? [];
  return facilityAndClass().has(kind) && frequencies().has(frequency) ? { kind, frequency } : undefined;
}

/** Claims that must say when the patient was admitted (billing rule 38). */
export const needsAdmissionDate = (kind: string): boolean => /^(11|12|18|21|22|41|81|82)$/.test(kind);

/** Claims of a patient who stays the night: room and board may stand on them (billing rule 37). */
export const isInpatientBill = (kind: string): boolean => /^(11|18|21|28|41|65|66|81|82|86)$/.test(kind);
