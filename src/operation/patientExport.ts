import { operationDefinition } from './definition.ts';
import { answeredLater } from './export/answeredLater.ts';
import { kickOff } from './export/kickOff.ts';
import type { Operation } from './operation.ts';

/** GET or POST [base]/Patient/$export: what is in the compartment of a patient. */
export const patientExport: Operation = {
  definition: operationDefinition('patient-export'),
  asCaller: true,
  begin: (call) => kickOff('Patient', call, patientExport),
  run: answeredLater,
};
