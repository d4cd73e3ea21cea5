import type { ClaimItem } from '@medplum/fhirtypes';

/** Remarks of a payer that the No Surprises Act holds for a claim: N830, N859, N860, N862 to N879. Billing rule 73. */
export function isNoSurprisesRemark(code: string): boolean {
  const number = /^N(\d{3})$/.exec(code)?.[1];
  if (number === undefined) return false;
  const n = Number(number);
  return n === 830 || (n >= 859 && n <= 879 && n !== 861);
}

/** HCPCS codes of air ambulances: fixed and rotary wing, and their miles. */
const airAmbulance: ReadonlySet<string> = new Set(['A0430', 'A0431', 'A0435', 'A0436']);
/** Visits of an emergency department. */
const emergencyVisit: ReadonlySet<string> = new Set(['99281', '99282', '99283', '99284', '99285']);

/** A line that is of an emergency, or of an air ambulance, by its codes: nobody consents to a balance bill of those. */
export function isEmergencyLine({
  productOrService,
  revenue,
  locationCodeableConcept: place,
}: Pick<ClaimItem, 'productOrService' | 'revenue' | 'locationCodeableConcept'>): boolean {
  const codes = (productOrService.coding ?? []).map((c) => c.code ?? '');
  if (codes.some((code) => airAmbulance.has(code) || emergencyVisit.has(code))) return true;
  if ((revenue?.coding ?? []).some((c) => /^0?45\d$/.test(c.code ?? ''))) return true;
  return (place?.coding ?? []).some((c) => c.code === '23');
}

/**
 * Modifiers by which the patient was told that he would pay: a notice as required (GA) or of free will (GX), or a
 * service that the law never covers (GY). GZ says that a denial was expected and no notice was given.
 */
export const noticeModifiers: ReadonlySet<string> = new Set(['GA', 'GX', 'GY']);
