import type { ResourceType } from '@medplum/fhirtypes';
import { badRequest, fhirError } from '../outcome/fhirError.ts';
import { criterion } from './parse/criterion.ts';
import { include, revinclude } from './parse/include.ts';
import { parameterOf, Unfit, type Scope } from './parse/scope.ts';
import type { Criterion, Include, SearchQuery, SortKey } from './query.ts';
import { shipped, type Registry } from './registry.ts';
import { splitAt } from './split.ts';

export const defaultCount = 50;
export const countMax = 1000;

/** Parameters that say how the answer is written; the caller of the parser handles them. */
const ofAnswer = new Set(['_format', '_pretty', '_summary', '_elements', '_explain']);
/** Parameters that may be given only once, as two would contradict each other. */
const once = new Set(['_sort', '_count', '_total', '_cursor']);

interface Growing {
  filters: Criterion[];
  sort: SortKey[];
  count: number;
  total: SearchQuery['total'];
  cursor?: string;
  include: Include[];
  revinclude: Include[];
}

export interface ParseOptions {
  readonly base?: string | undefined; // our own URL, taken off references
  readonly registry?: Registry;
  readonly now?: number | undefined; // epoch milliseconds, for `ap` on dates
  readonly sortKeysMax?: number | undefined;
}

/** Default limit of the parameters of _sort: SQLite sorts by some sixty columns at most. */
const sortKeysMaxDefault = 20;

/** Search parameters as name and value pairs → query. Throws 400. See https://hl7.org/fhir/R4/search.html */
export function parsePairs(
  type: ResourceType,
  pairs: readonly (readonly [string, string])[],
  { base, registry = shipped, now, sortKeysMax = sortKeysMaxDefault }: ParseOptions = {},
): SearchQuery {
  const scope: Scope = { type, registry, base, now, depth: 0, spent: { criteria: 0, values: 0 } };
  const query: Growing = {
    filters: [],
    sort: [],
    count: defaultCount,
    total: 'none',
    include: [],
    revinclude: [],
  };
  try {
    readPairs(query, scope, pairs);
  } catch (error) {
    throw error instanceof Unfit ? error.refusal() : error;
  }
  if (query.sort.length > sortKeysMax) {
    const text = `_sort names at most ${sortKeysMax} parameters`;
    throw fhirError(422, 'too-costly', 'too-many-sort-keys', text);
  }
  return { type, ...query };
}

function readPairs(query: Growing, scope: Scope, pairs: readonly (readonly [string, string])[]): void {
  const given = new Set<string>();
  for (const [name, value] of pairs) {
    if (once.has(name) && given.has(name))
      throw badRequest('repeated-parameter', `${name} is given once, not several times`);
    given.add(name);
    if (control(query, scope, name, value)) continue;
    const found = criterion(scope, name, value);
    if (found) query.filters.push(found);
  }
}

/** Handles the parameters that are no criteria; false when the name is none of them. */
function control(query: Growing, scope: Scope, name: string, value: string): boolean {
  const [base = '', modifier] = name.split(/:(.*)/s);
  if (base === '_include' || base === '_revinclude') {
    if (modifier !== undefined && modifier !== 'iterate')
      throw badRequest('unknown-modifier', `The modifier of ${base} is iterate`);
    if (base === '_include') query.include.push(include(scope, modifier !== undefined, value));
    else query.revinclude.push(revinclude(scope, modifier !== undefined, value));
    return true;
  }
  if (base !== '_type' && !once.has(base) && !ofAnswer.has(base)) return false;
  if (modifier !== undefined) throw badRequest('unknown-modifier', `${base} takes no modifier`);
  switch (base) {
    case '_sort':
      query.sort = splitAt(value, ',').map((key) => sortKey(scope, key));
      return true;
    case '_count':
      if (!/^\d{1,9}$/.test(value)) throw badRequest('malformed-value', '_count is not a whole number');
      query.count = Math.min(Number(value), countMax);
      return true;
    case '_total':
      if (value !== 'none' && value !== 'estimate' && value !== 'accurate')
        throw badRequest('malformed-value', '_total is one of none, estimate, accurate');
      query.total = value;
      return true;
    case '_cursor':
      query.cursor = value;
      return true;
    case '_type':
      if (value !== scope.type)
        throw badRequest(
          'malformed-value',
          `_type is for searches over several types; this one is of ${scope.type}`,
        );
      return true;
    default:
      return true;
  }
}

function sortKey(scope: Scope, text: string): SortKey {
  const descending = text.startsWith('-');
  const code = descending ? text.slice(1) : text;
  if (code === '') throw badRequest('malformed-value', '_sort names no parameter between its commas');
  if (code === '_id' || code === '_lastUpdated') return { parameter: code, descending };
  const parameter = parameterOf(scope, code);
  if (parameter.kind === 'composite')
    throw badRequest('malformed-value', `${code} is a composite parameter, which has no order`);
  return { parameter, descending };
}
