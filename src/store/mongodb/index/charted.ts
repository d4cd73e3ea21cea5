import type { ResourceType } from '@medplum/fhirtypes';

/**
 * Types written all day long, of which nothing is derived that is worth keeping: their writers leave no mark, and their
 * generation is another each time it is asked for.
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
