import { operationDefinition } from './definition.ts';
import { joined } from './meta/labels.ts';
import { relabel } from './meta/relabel.ts';
import type { Operation } from './operation.ts';

/** POST [type]/[id]/$meta-add. See https://hl7.org/fhir/R4/resource-operation-meta-add.html */
export const resourceMetaAdd: Operation = {
  definition: operationDefinition('Resource-meta-add'),
  permission: 'label',
  asCaller: true,
  run: (call) => relabel(call, joined),
};
