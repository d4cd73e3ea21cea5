import type { Meta, Parameters, ResourceType } from '@medplum/fhirtypes';
import { isResourceType, resourceTypes } from '../datatypes/resourceType.ts';
import { parsed, readStored } from '../interaction/repository.ts';
import { gone, fhirError, notFound } from '../outcome/fhirError.ts';
import type { Criterion, SearchQuery } from '../search/query.ts';
import { operationDefinition } from './definition.ts';
import { joined, returned, type Labels } from './meta/labels.ts';
import type { Call, Operation } from './operation.ts';

/** More labelled resources than this are not read for one answer. */
const readMax = 20_000;

/**
 * GET [base]/$meta, [type]/$meta, [type]/[id]/$meta, [type]/[id]/_history/[version]/$meta: the labels in use, or those of
 * one resource. See https://hl7.org/fhir/R4/resource-operation-meta.html
 */
export const resourceMeta: Operation = {
  definition: operationDefinition('Resource-meta'),
  asCaller: true,
  async run(call): Promise<Parameters> {
    const { type, id } = call.target;
    if (type !== undefined && !isResourceType(type)) throw notFound(type);
    if (type !== undefined && id !== undefined) return returned(await ofResource(call, type, id));
    let labels: Labels = {};
    let read = 0;
    for (const one of type === undefined ? resourceTypes : [type]) {
      for await (const meta of labelled(call, one)) {
        read += 1;
        if (read > readMax)
          throw fhirError(
            403,
            'too-costly',
            'too-costly',
            `more than ${readMax} resources are labelled; ask for one type or one resource`,
          );
        labels = joined(labels, meta);
      }
    }
    return returned(labels);
  },
};

async function ofResource({ tx, target: { version } }: Call, type: ResourceType, id: string): Promise<Meta> {
  if (version === undefined) return parsed(await readStored(tx, type, id)).meta ?? {};
  const stored = await tx.vread(type, id, Number(version));
  if (!stored) throw notFound(`${type}/${id}/_history/${version}`);
  if (stored.deleted) throw gone(`${type}/${id}/_history/${version}`);
  return parsed(stored).meta ?? {};
}

/** The meta of every resource of a type that has a label. */
async function* labelled({ context, tx }: Call, type: ResourceType): AsyncGenerator<Meta> {
  const named = context.store.registry.parametersOf(type);
  const ways = ['_profile', '_tag', '_security'].flatMap((code): Criterion[] => {
    const parameter = named.get(code);
    return parameter ? [{ op: 'filter', parameter, modifier: 'missing', values: [{ text: 'false' }] }] : [];
  });
  const query: SearchQuery = {
    type,
    filters: [{ op: 'or', criteria: ways }],
    sort: [],
    count: 1000,
    total: 'none',
    include: [],
    revinclude: [],
  };
  for (let cursor: string | undefined; ;) {
    const page = await tx.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    for (const row of page.matches) yield parsed(row).meta ?? {};
    cursor = page.next;
    if (cursor === undefined) return;
  }
}
