import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceOperation,
  OperationDefinition,
  ResourceType,
} from '@medplum/fhirtypes';
import { resourceTypes } from '../datatypes/resourceType.ts';
import type { Context } from './context.ts';

/** GET [base]/metadata: what this server answers, made from what is registered. See https://hl7.org/fhir/R4/capabilitystatement.html */
export function capabilities(
  context: Context,
  operations: readonly OperationDefinition[],
): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    id: 'claimwright',
    url: `${context.publicUrl}/metadata`,
    name: 'Claimwright',
    title: 'Claimwright, a FHIR-native medical billing server',
    status: 'active',
    date: context.now(),
    kind: 'instance',
    software: { name: 'Claimwright' },
    implementation: { description: 'A medical billing server', url: context.publicUrl },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json', 'application/json'],
    rest: [
      {
        mode: 'server',
        documentation: 'JSON only; XML is answered 406 and 415. Idempotency-Key is honoured on every POST.',
        interaction: [{ code: 'transaction' }, { code: 'batch' }],
        ...list('operation', operationsAt(operations, undefined)),
        resource: resourceTypes.map((type) => ofType(type, operations)),
      },
    ],
  };
}

function ofType(
  type: ResourceType,
  operations: readonly OperationDefinition[],
): CapabilityStatementRestResource {
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: [
      { code: 'read' },
      { code: 'vread' },
      { code: 'update' },
      { code: 'delete' },
      { code: 'history-instance' },
      { code: 'create' },
      { code: 'search-type' },
    ],
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: false,
    conditionalDelete: 'not-supported',
    referencePolicy: ['literal', 'local'],
    ...list('operation', operationsAt(operations, type)),
  };
}

const operationsAt = (
  operations: readonly OperationDefinition[],
  type: ResourceType | undefined,
): CapabilityStatementRestResourceOperation[] =>
  operations
    .filter((d) => (type === undefined ? d.system : (d.type || d.instance) && d.resource?.includes(type)))
    .map(({ code, url }) => ({ name: code, definition: url ?? '' }));

const list = <K extends string, T>(name: K, items: readonly T[]): { readonly [k in K]?: T[] } =>
  items.length === 0 ? {} : ({ [name]: [...items] } as { readonly [k in K]?: T[] });
