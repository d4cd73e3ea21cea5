import type { ResourceType } from '@medplum/fhirtypes';

/** A visit and what is charted of it. */
export const chartTypes: readonly ResourceType[] = [
  ...(['Encounter', 'Condition', 'Procedure', 'Observation', 'DiagnosticReport'] as const),
  ...(['MedicationAdministration', 'MedicationDispense', 'Immunization', 'DeviceUseStatement'] as const),
];
