import type { ResourceType } from '@medplum/fhirtypes';
import { asCaller } from '../../interaction/asCaller.ts';
import type { Context } from '../../interaction/context.ts';
import { readPairs } from '../../interaction/rest/strictJson.ts';
import { badRequest, FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue } from '../../outcome/issue.ts';
import { parsePairs } from '../../search/parse.ts';
import type { Criterion } from '../../search/query.ts';
import { confinement, type Rule, type TypeAccess } from '../../store/access/access.ts';
import type { Store } from '../../store/store.ts';
import type { ExportRequest } from './exportRequest.ts';

/** Parameters of a search that say how it is answered: an export has nothing to do with them. */
const ofAnswer = /^_(?:sort|count|total|cursor|include|revinclude|summary|elements|format|pretty|explain)\b/;

/**
 * The criteria of one _typeFilter. Each version is judged by them as it was, so they may ask only for what the resource
 * itself says: 400 for chains, words and the like.
 */
export function filterCriteria(context: Context, type: ResourceType, query: string): readonly Criterion[] {
  const pairs = readPairs(query);
  const other = pairs.find(([name]) => ofAnswer.test(name))?.[0];
  if (other !== undefined)
    throw badRequest('malformed-value', `_typeFilter takes no ${other.split(':')[0] ?? ''}: it only filters`);
  const { publicUrl: base, store } = context;
  if (type === 'Patient' && context.access?.concealed)
    throw badRequest(
      'not-in-type-filter',
      '_typeFilter of Patient is not for whom confidential addresses are hidden',
    );
  const { filters } = parsePairs(type, pairs, { base, registry: store.registry });
  try {
    confinement({ types: { [type]: { see: { criteria: filters } } } });
  } catch (error) {
    const isOfAccess =
      error instanceof FhirError && error.issue.some((one) => codeOfIssue(one) === 'access-criteria');
    if (!isOfAccess) throw error;
    throw badRequest(
      'not-in-type-filter',
      `_typeFilter of ${type} may only ask for what the resource itself says: no chains, _has, _lastUpdated or words`,
    );
  }
  return filters;
}

/** The store with the access of a caller, and within it only what meets the filters of an export. */
export function exportStore(context: Context, { types, filters }: ExportRequest): Store {
  const isFiltered = types.some((type) => filters[type]);
  if (!isFiltered) return context.store;
  const { access } = context;
  const seen: Partial<Record<ResourceType, TypeAccess>> = {};
  for (const type of types) {
    const own: Rule | undefined = access ? access.types.get(type)?.see : 'open';
    if (own === undefined) continue;
    const some = filters[type]?.map((query) => ({ criteria: filterCriteria(context, type, query) }));
    seen[type] = { see: some ? { all: [own, { any: some }] } : own };
  }
  const { patients = [], practices = [], concealed = [] } = access ?? {};
  const narrowed = confinement({ patients, practices, concealed, types: seen });
  return asCaller(context, { name: context.principal ?? '', access: narrowed }).store;
}
