import { operationDefinition } from './definition.ts';
import { cursorParameter } from './everything/cursorParameter.ts';
import { gather } from './everything/gather.ts';
import { ofEncounter } from './everything/scope.ts';
import type { Operation } from './operation.ts';

/** GET [base]/Encounter/[id]/$everything. See https://hl7.org/fhir/R4/encounter-operation-everything.html */
export const encounterEverything: Operation = {
  definition: operationDefinition('Encounter-everything'),
  asCaller: true,
  linked: [cursorParameter],
  run: (call) => {
    const { registry } = call.context.store;
    return gather(call, ofEncounter(registry, call.target.id ?? ''));
  },
};
