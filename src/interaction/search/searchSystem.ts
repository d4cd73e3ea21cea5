import type { ResourceType } from '@medplum/fhirtypes';
import { isResourceType, resourceTypes } from '../../datatypes/resourceType.ts';
import { badRequest, FhirError } from '../../outcome/fhirError.ts';
import { codeOfIssue, details } from '../../outcome/issue.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Reader } from '../../store/store.ts';
import type { Answer } from '../rest/answer.ts';
import { inCompartment, typesInCompartment } from './compartment.ts';
import type { Context } from '../context.ts';
import { requireMay } from '../permits.ts';
import type { FhirRequest } from '../rest/request.ts';
import { searchAsked, type Asked } from './searchAsked.ts';
import { explained, searchBundle } from './searchBundle.ts';
import { searchQuery, type Pair } from './searchQuery.ts';
import { partsOf, concatenatedSearch, type Part } from './concatenatedSearch.ts';
import { withShape } from './searchType.ts';
import { lenientParameters } from '../rest/lenientParameters.ts';

/**
 * GET [base]?…, POST [base]/_search, GET [base]/[compartment]/[id]/*: several types at once, by parameters that all of
 * them have. See https://hl7.org/fhir/R4/http.html#vsearch
 */
export async function searchSystem(context: Context, reader: Reader, request: FhirRequest): Promise<Answer> {
  const { compartment } = request.target;
  const whole = searchAsked(request);
  const types = typesOf(request, whole).filter((type) => isSearched(context, type, whole));
  const { asked, notes } = lenientParameters(context, request, whole, types);
  const includes = includesOf(context, asked.criteria, types);
  const queries: SearchQuery[] = [];
  for (const type of types) {
    const pairs = [...asked.criteria.filter((pair) => !isInclude(pair)), ...includes(type)];
    const parsed = await ofType(context, reader, { type, pairs, named: whole.types !== undefined });
    const within = compartment && inCompartment(context.store.registry, compartment, type);
    queries.push(withShape(within ? { ...parsed, filters: [...parsed.filters, within] } : parsed, asked));
  }
  refuseUnlike(queries);
  const plan = [];
  if (asked.explain) for (const query of queries) plan.push(...explained(await reader.explain(query)));
  const parts: Part[] = [];
  for (const query of queries) parts.push(...(await partsOf(context, reader, query)));
  const page = await concatenatedSearch(context, parts, asked.cursor);
  const below = compartment ? `/${compartment.type}/${compartment.id}/*` : '';
  return searchBundle(context, {
    url: `${context.publicUrl}${below}`,
    asked,
    page,
    notes: [...notes, ...plan],
  });
}

/** Of all types those that the caller may search; one that is named must be among them. */
function isSearched(context: Context, type: ResourceType, { types }: Asked): boolean {
  if (types) requireMay(context, type, 'search-type');
  return context.permits?.may(type, 'search-type') ?? true;
}

function typesOf({ target: { compartment } }: FhirRequest, { types }: Asked): readonly ResourceType[] {
  if (!compartment) return types ?? resourceTypes;
  const inside = typesInCompartment(compartment.type);
  const outside = types?.find((type) => !inside.includes(type));
  if (outside !== undefined)
    throw badRequest('malformed-value', `${outside} is not in the compartment of a ${compartment.type}`);
  return types ?? inside;
}

interface OfType {
  readonly type: ResourceType;
  readonly pairs: readonly Pair[];
  readonly named: boolean; // the types were named by _type
}

/** The query of one of the types; 400 for a parameter that it lacks, as its part of the answer would be missing. */
async function ofType(
  context: Context,
  reader: Reader,
  { type, pairs, named }: OfType,
): Promise<SearchQuery> {
  try {
    return await searchQuery(context, reader, type, pairs);
  } catch (error) {
    const issue = error instanceof FhirError ? error.issue[0] : undefined;
    if (!(error instanceof FhirError) || !issue || codeOfIssue(issue) !== 'unknown-parameter') throw error;
    const hint = named
      ? 'all types of _type must have a parameter'
      : 'name types that have it by _type; without it only what all types have can be asked for';
    const text = `${issue.details?.text ?? ''}; ${hint}`;
    throw new FhirError(error.status, [{ ...issue, details: details('unknown-parameter', text) }]);
  }
}

const isInclude = ([name]: Pair): boolean => /^_(?:rev)?include(?::|$)/.test(name);

/** Which includes are asked of which type: an _include starts at one type, a _revinclude may end at one. */
function includesOf({ store }: Context, pairs: readonly Pair[], types: readonly ResourceType[]) {
  const asked = pairs.filter(isInclude);
  for (const [name, value] of asked) {
    const [source = '', , target] = value.split(':');
    const at = name.startsWith('_include') ? source : target;
    if (at === undefined || at === '*' || name.includes(':') || types.some((type) => type === at)) continue;
    throw badRequest('malformed-value', `${name}=${value.slice(0, 64)} is about none of the types searched`);
  }
  const mayName = (value: string, type: ResourceType): boolean => {
    const [source = '', code = '', target] = value.split(':');
    if (target !== undefined) return target === type;
    if (!isResourceType(source)) return true;
    return store.registry.parametersOf(source).get(code)?.target?.includes(type) ?? true;
  };
  return (type: ResourceType): Pair[] =>
    asked.filter(([name, value]) => {
      if (name.includes(':')) return true;
      if (name === '_include') return value === '*' || value.startsWith(`${type}:`);
      return mayName(value, type) || !types.some((other) => mayName(value, other));
    });
}

/** One order needs keys of one kind. */
function refuseUnlike(queries: readonly SearchQuery[]): void {
  const kinds = ({ sort }: SearchQuery): string =>
    sort.map(({ parameter }) => (typeof parameter === 'string' ? parameter : parameter.kind)).join();
  const [first, ...others] = queries;
  const other = first && others.find((query) => kinds(query) !== kinds(first));
  if (other)
    throw badRequest(
      'malformed-value',
      `_sort means another kind of value in ${other.type}: it cannot be one order`,
    );
}
