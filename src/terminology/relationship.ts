/**
 * FHIR's words for who a patient is to the subscriber (subscriber-relationship), with their codes in X12 (PAT01, INS02,
 * SBR02): those that a 270 and a 278 tell apart, and those that a claim does; FHIR's `common` is the life partner.
 */
export const nearRelationships: Readonly<Record<string, string>> = { self: '18', spouse: '01', child: '19' };
export const claimRelationships: Readonly<Record<string, string>> = {
  ...nearRelationships,
  common: '53',
  injured: '41',
  other: 'G8',
};
