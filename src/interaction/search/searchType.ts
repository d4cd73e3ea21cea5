import type { Reader } from '../../store/store.ts';
import type { SearchQuery } from '../../search/query.ts';
import { badRequest } from '../../outcome/fhirError.ts';
import type { Answer } from '../rest/answer.ts';
import { inCompartment } from './compartment.ts';
import type { Context } from '../context.ts';
import type { FhirRequest } from '../rest/request.ts';
import { searchAsked, type Asked } from './searchAsked.ts';
import { explained, searchBundle } from './searchBundle.ts';
import { searchQuery } from './searchQuery.ts';
import { partsOf, concatenatedSearch } from './concatenatedSearch.ts';
import { lenientParameters } from '../rest/lenientParameters.ts';

/**
 * GET [base]/[type]?…, POST [base]/[type]/_search, and both in a compartment: a page of matches and what they include.
 * See https://hl7.org/fhir/R4/http.html#search
 */
export async function searchType(context: Context, reader: Reader, request: FhirRequest): Promise<Answer> {
  const { type = 'Basic', compartment } = request.target;
  const whole = searchAsked(request);
  if (whole.types && (whole.types.length > 1 || whole.types[0] !== type))
    throw badRequest('malformed-value', `_type of a search of ${type} can only be ${type}`);
  const { asked, notes } = lenientParameters(context, request, whole, [type]);
  const parsed = withShape(await searchQuery(context, reader, type, asked.criteria), asked);
  const within = compartment && inCompartment(context.store.registry, compartment, type);
  const query: SearchQuery = {
    ...parsed,
    ...(within ? { filters: [...parsed.filters, within] } : {}),
  };
  const plan = asked.explain ? explained(await reader.explain(query)) : [];
  const parts = await partsOf(context, reader, query);
  const page =
    parts.length > 1
      ? await concatenatedSearch(context, parts, asked.cursor)
      : await reader.search({ ...query, ...(asked.cursor === undefined ? {} : { cursor: asked.cursor }) });
  const above = compartment ? `${compartment.type}/${compartment.id}/` : '';
  const url = `${context.publicUrl}/${above}${type}`;
  return searchBundle(context, { url, asked, page, notes: [...notes, ...plan] });
}

/** What _summary=count and =text mean for the query itself. */
export function withShape(query: SearchQuery, { shape }: Asked): SearchQuery {
  if (!shape || 'elements' in shape) return query;
  if (shape.summary === 'count') return { ...query, count: 0, total: 'accurate' };
  if (shape.summary === 'text' && query.include.length + query.revinclude.length > 0)
    throw badRequest('malformed-value', '_summary=text does not go with _include and _revinclude');
  return query;
}
