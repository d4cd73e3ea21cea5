import { operationDefinition } from './definition.ts';
import { cursorParameter } from './everything/cursorParameter.ts';
import { gather } from './everything/gather.ts';
import { ofAllPatients, ofPatient } from './everything/scope.ts';
import type { Operation } from './operation.ts';

/**
 * GET [base]/Patient/[id]/$everything, and of all patients without an id.
 * See https://hl7.org/fhir/R4/patient-operation-everything.html
 */
export const patientEverything: Operation = {
  definition: operationDefinition('Patient-everything'),
  asCaller: true,
  linked: [cursorParameter],
  run: (call) => {
    const { registry } = call.context.store;
    return gather(
      call,
      call.target.id === undefined ? ofAllPatients(registry) : ofPatient(registry, call.target.id),
    );
  },
};
