import { operationDefinition } from './definition.ts';
import { without } from './meta/labels.ts';
import { relabel } from './meta/relabel.ts';
import type { Operation } from './operation.ts';

/** POST [type]/[id]/$meta-delete. See https://hl7.org/fhir/R4/resource-operation-meta-delete.html */
export const resourceMetaDelete: Operation = {
  definition: operationDefinition('Resource-meta-delete'),
  permission: 'label',
  asCaller: true,
  run: (call) => relabel(call, without),
};
