import type { ResourceType } from '@medplum/fhirtypes';

/**
 * Types that are written very often and from which no cached data is derived: their writers leave no mark, and their
 * generation is different each time it is read.
 */
const charted: ReadonlySet<ResourceType> = new Set<ResourceType>([
  'Patient',
  'Coverage',
  'Account',
  'Observation',
  'Condition',
  'Procedure',
  'DiagnosticReport',
  'MedicationRequest',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationStatement',
  'Immunization',
  'ImagingStudy',
  'DocumentReference',
  'ServiceRequest',
  'CarePlan',
  'Encounter',
  'ChargeItem',
  'Claim',
  'ClaimResponse',
  'ExplanationOfBenefit',
  'PaymentReconciliation',
  'PaymentNotice',
  'Invoice',
  'Task',
  'AuditEvent',
  'Provenance',
]);

export const isCharted = (type: ResourceType): boolean => charted.has(type);
