import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceOperation,
  CapabilityStatementRestResourceSearchParam,
  OperationDefinition,
  Resource,
  ResourceType,
} from '@medplum/fhirtypes';
import { resourceTypes } from '../../datatypes/resourceType.ts';
import { heldProfiles, implementationGuides, instantiates, version } from './held.ts';
import { searchDefinition } from './searchDefinition.ts';
import { compartmentDefinitions } from '../search/compartment.ts';
import type { Context } from '../context.ts';

/**
 * GET [base]/metadata: what this server answers, made from what is registered.
 * See https://hl7.org/fhir/R4/capabilitystatement.html
 */
export function capabilities(
  context: Context,
  operations: readonly OperationDefinition[],
  packaged: readonly Resource[] = [],
): CapabilityStatement {
  const profiles = heldProfiles(packaged);
  const referring = referringTo(context);
  const ofSystem = operationsAt(operations, undefined);
  return {
    resourceType: 'CapabilityStatement',
    id: 'claimwright',
    url: `${context.publicUrl}/metadata`,
    version,
    name: 'Claimwright',
    title: 'Claimwright, a FHIR-native medical billing server',
    status: 'active',
    experimental: false,
    publisher: 'Claimwright',
    date: context.now(),
    kind: 'instance',
    instantiates: [...instantiates],
    software: { name: 'Claimwright', version },
    implementation: { description: 'A medical billing server', url: context.publicUrl },
    implementationGuide: [...implementationGuides],
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json', 'application/json'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json'],
    rest: [
      {
        mode: 'server',
        ...(context.security ? { security: context.security } : {}),
        documentation:
          'JSON only; XML is answered 406 and 415. A body has at most 50 MB. Idempotency-Key is honoured on every ' +
          'POST. A conditional delete takes away at most 1,000 resources. Prefer: respond-async is honoured for ' +
          'batches, transactions, operations, searches and histories. A Binary is read and written in its native form as ' +
          'well. Chains, _has and includes follow literal references, and canonical URLs to resources that have ' +
          'such a url: of the version that is named, or of every version where none is.',
        interaction: [
          { code: 'transaction' },
          { code: 'batch' },
          { code: 'search-system' },
          { code: 'history-system' },
        ],
        searchParam: ofAllTypes,
        compartment: compartmentDefinitions.map(({ url }) => url),
        ...(ofSystem.length === 0 ? {} : { operation: ofSystem }),
        resource: resourceTypes.map((type) =>
          ofType({ context, type, operations, referring, profiles: profiles.get(type) ?? [] }),
        ),
      },
    ],
  };
}

interface Described {
  readonly context: Context;
  readonly type: ResourceType;
  readonly operations: readonly OperationDefinition[];
  readonly referring: ReadonlyMap<ResourceType, string[]>;
  readonly profiles: readonly string[];
}

function ofType({
  context,
  type,
  operations,
  referring,
  profiles,
}: Described): CapabilityStatementRestResource {
  const parameters = [...context.store.registry.parametersOf(type).values()].filter(
    ({ code }) => context.defined?.isBuilding(type, code) !== true,
  );
  const references = parameters
    .filter(({ kind, isUnfollowed }) => kind === 'reference' && !isUnfollowed)
    .map(({ code }) => `${type}:${code}`);
  const includes = references.length === 0 ? [] : ['*', `${type}:*`, ...references];
  const revincludes = referring.get(type) ?? [];
  const operation = operationsAt(operations, type);
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(profiles.length === 0 ? {} : { supportedProfile: [...profiles] }),
    interaction: [
      { code: 'read' },
      { code: 'vread' },
      { code: 'update' },
      { code: 'patch' },
      { code: 'delete' },
      { code: 'history-instance' },
      { code: 'history-type' },
      { code: 'create' },
      { code: 'search-type' },
    ],
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete: 'multiple',
    referencePolicy: ['literal', 'local'],
    ...(includes.length === 0 ? {} : { searchInclude: includes }),
    ...(revincludes.length === 0 ? {} : { searchRevInclude: revincludes }),
    searchParam: parameters.map(({ code, kind }) => ({
      name: code,
      definition: context.defined?.urlOf(type, code) ?? searchDefinition(type, code),
      type: kind,
    })),
    ...(operation.length === 0 ? {} : { operation }),
  };
}

/** What every type is searched by, besides its own parameters. See https://hl7.org/fhir/R4/search.html#all */
const ofAllTypes: CapabilityStatementRestResourceSearchParam[] = (
  [
    [
      '_text',
      'string',
      'Words of the narrative; "two words" together, wor* at its beginning, commas for or.',
    ],
    ['_content', 'string', 'Words anywhere in the resource, in the same language.'],
    ['_list', 'token', 'The id of a List whose items are asked for.'],
    ['_has', 'string', '_has:[type]:[reference]:[parameter]=[value], to any depth: what others refer to.'],
    ['_filter', 'string', 'An expression of search_filter.html: and, or, not, parentheses, paths.'],
    [
      '_type',
      'token',
      'Several types at once, at the base or in a compartment: parameters that all of them have.',
    ],
  ] as const
).map(([name, type, documentation]) => ({ name, type, documentation }));

/** What may be asked for by _revinclude on a type: each `Type:parameter` whose references may name it. */
function referringTo({ store, defined }: Context): ReadonlyMap<ResourceType, string[]> {
  const found = new Map<ResourceType, string[]>();
  for (const source of resourceTypes) {
    for (const { code, kind, target, isUnfollowed } of store.registry.parametersOf(source).values()) {
      if (kind !== 'reference' || isUnfollowed || defined?.isBuilding(source, code)) continue;
      for (const type of target ?? []) {
        const list = found.get(type) ?? [];
        found.set(type, list);
        list.push(`${source}:${code}`);
      }
    }
  }
  return found;
}

const operationsAt = (
  operations: readonly OperationDefinition[],
  type: ResourceType | undefined,
): CapabilityStatementRestResourceOperation[] =>
  operations
    .filter((d) => (type === undefined ? d.system : (d.type || d.instance) && isFor(d, type)))
    .map(({ code, url }) => ({ name: code, definition: url ?? '' }));

const isFor = ({ resource = [] }: OperationDefinition, type: ResourceType): boolean => {
  const names: readonly string[] = resource;
  return names.includes(type) || names.includes('Resource');
};
