import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest, severalMatches } from '../../outcome/fhirError.ts';
import type { SearchQuery } from '../../search/query.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { readPairs } from './strictJson.ts';
import type { Context } from '../context.ts';
import { requireMay } from '../permits.ts';
import { searchQuery } from '../search/searchQuery.ts';

/**
 * The query of a condition such as `identifier=system|value`; 400 unless it consists of search criteria only. The
 * transport's parameters may stand beside them.
 */
export async function conditionQuery(
  context: Context,
  reader: Reader,
  type: ResourceType,
  condition: string,
): Promise<SearchQuery> {
  requireMay(context, type, 'search-type'); // a condition tells what is there
  const query = await searchQuery(context, reader, type, criteriaOf(type, condition));
  if (query.filters.length === 0) throw malformed(type);
  return query;
}

function criteriaOf(type: ResourceType, condition: string): [string, string][] {
  const text = condition.startsWith(`${type}?`) ? condition.slice(type.length + 1) : condition;
  const pairs = readPairs(text).filter(([name]) => name !== '_format' && name !== '_pretty');
  const isBad = pairs.some(([name, value]) => resultParameter.test(name) || value === '');
  if (pairs.length === 0 || isBad) throw malformed(type);
  return pairs;
}

const malformed = (type: ResourceType) =>
  badRequest('malformed-condition', `a condition on ${type} must consist of search criteria`);

/** Parameters that shape a result and select nothing. */
const resultParameter =
  /^_(?:sort|count|total|include|revinclude|summary|elements|cursor|contained|containedType|score|explain)\b/;

/** Ids of what matches, oldest first, at most `most`; `more` when that is not all. */
export async function matchesOf(
  reader: Reader,
  query: SearchQuery,
  most: number,
): Promise<{ readonly ids: string[]; readonly more: boolean }> {
  const page = await reader.search({ ...query, count: most, total: 'none' });
  return { ids: page.matches.map(({ id }) => id), more: page.next !== undefined };
}

/**
 * The one match of a condition, undefined when there is none, 412 when there are several. Other transactions with the
 * same condition wait until this one has ended, so that only the first creates.
 * See https://hl7.org/fhir/R4/http.html#ccreate
 */
export async function theMatch(
  context: Context,
  tx: Transaction,
  type: ResourceType,
  condition: string,
): Promise<string | undefined> {
  const query = await conditionQuery(context, tx, type, condition);
  await tx.lock(conditionKey(type, condition));
  const { ids } = await matchesOf(tx, query, 2);
  if (ids.length > 1) throw severalMatches(`several ${type} match the condition`);
  return ids[0];
}

/** A condition as text that does not depend on the order of its criteria or on how they are escaped. */
export const conditionKey = (type: ResourceType, condition: string): string =>
  `${type}?${new URLSearchParams(criteriaOf(type, condition).sort(byText)).toString()}`;

const byText = (a: [string, string], b: [string, string]): number => (a.join('=') < b.join('=') ? -1 : 1);
