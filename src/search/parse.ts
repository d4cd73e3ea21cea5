import type { ResourceType } from '@medplum/fhirtypes';
import { isResourceType } from '../datatypes/resourceType.ts';
import { badRequest, unsupported, type FhirError } from '../outcome/fhirError.ts';
import { nearest } from './nearest.ts';
import { leftOut } from './parameter.ts';
import { shipped, type Registry } from './registry.ts';
import type {
  Filter,
  FilterValue,
  Include,
  Modifier,
  ParameterType,
  SearchParameter,
  SearchQuery,
  SortKey,
} from './query.ts';
import { splitAt, unescaped } from './split.ts';
import { dateValue } from './type/date.ts';
import { numberValue } from './type/number.ts';
import { quantityValue } from './type/quantity.ts';
import { referenceValue } from './type/reference.ts';
import { stringValue } from './type/string.ts';
import { tokenValue } from './type/token.ts';
import { uriValue } from './type/uri.ts';

export const defaultCount = 50;
export const mostCount = 1000;

/** Parameters that say how the answer is written, not what is in it: the caller's business. */
const ofAnswer = new Set(['_format', '_pretty', '_summary', '_elements']);

const modifiers: Readonly<Record<ParameterType, readonly Modifier[]>> = {
  token: ['missing', 'not'],
  reference: ['missing', 'identifier'],
  date: ['missing'],
  string: ['missing', 'exact', 'contains'],
  number: ['missing'],
  quantity: ['missing'],
  uri: ['missing', 'below', 'above'],
  composite: [],
};
/** Modifiers of R4 that are not served yet. */
const later = new Set(['text', 'in', 'not-in', 'below', 'above', 'of-type', 'iterate', 'recurse']);

interface Growing {
  filters: Filter[];
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
}

/** Search parameters as name and value pairs → query. Throws 400. */
export function parsePairs(
  type: ResourceType,
  pairs: readonly (readonly [string, string])[],
  { base }: ParseOptions = {},
): SearchQuery {
  const query: Growing = {
    filters: [],
    sort: [],
    count: defaultCount,
    total: 'none',
    include: [],
    revinclude: [],
  };
  for (const [name, value] of pairs) {
    if (control(query, type, [name, value])) continue;
    const found = filter(type, name, value, base);
    if (value !== '') query.filters.push(found); // a parameter without a value says nothing
  }
  return { type, ...query };
}

/** Handles the parameters that are no criteria; false when the name is none of them. */
function control(query: Growing, type: ResourceType, [name, value]: readonly [string, string]): boolean {
  switch (name) {
    case '_sort':
      query.sort = splitAt(value, ',').map((key) => sortKey(type, key));
      return true;
    case '_count':
      if (!/^\d{1,9}$/.test(value)) throw badRequest('malformed-value', '_count is not a whole number');
      query.count = Math.min(Number(value), mostCount);
      return true;
    case '_total':
      if (value !== 'none' && value !== 'estimate' && value !== 'accurate')
        throw badRequest('malformed-value', '_total is one of none, estimate, accurate');
      query.total = value;
      return true;
    case '_cursor':
      query.cursor = value;
      return true;
    default:
      if (/^_(rev)?include(:|$)/.test(name)) {
        if (name.includes(':')) throw unsupported(400, 'not-supported', `${name} is not served yet`);
        if (name === '_include') query.include.push(...includes(type, value));
        else query.revinclude.push(...revincludes(type, value));
        return true;
      }
      return ofAnswer.has(name);
  }
}

function sortKey(type: ResourceType, text: string): SortKey {
  const descending = text.startsWith('-');
  const code = descending ? text.slice(1) : text;
  if (code === '_id' || code === '_lastUpdated') return { parameter: code, descending };
  return { parameter: parameterOf(type, code), descending };
}

/** The parameter of a code; 400 that names the nearest where there is none. */
function parameterOf(type: ResourceType, code: string): SearchParameter {
  const all = shipped.parametersOf(type);
  const found = all.get(code);
  if (found) return found;
  throw leftOut(type, code) === undefined
    ? unknown(type, code, nearest(code, all.keys()))
    : unsupported(
        400,
        'not-supported',
        `${type} search by ${code} (${leftOut(type, code) ?? ''}) is not served yet`,
      );
}

const unknown = (type: string, code: string, near: string | undefined): FhirError =>
  badRequest(
    'unknown-parameter',
    `${type} has no search parameter ${code.slice(0, 64)}${near === undefined ? '' : `; the nearest is ${near}`}`,
  );

function filter(type: ResourceType, name: string, value: string, base: string | undefined): Filter {
  if (name === '_has' || name.startsWith('_has:') || /^[^:]+(:[A-Z][A-Za-z]*)?\./.test(name))
    throw unsupported(400, 'not-supported', 'Chained parameters and _has are not served yet');
  const [code = '', modifier, ...rest] = name.split(':');
  const parameter = parameterOf(type, code);
  const only =
    parameter.kind === 'reference' && isResourceType(modifier ?? '') ? (modifier as ResourceType) : undefined;
  if (rest.length > 0 || modifier === '') throw unknownModifier(parameter, modifier ?? '');
  if (value === '') return { op: 'filter', parameter, values: [] };
  if (modifier === undefined || only) {
    return {
      op: 'filter',
      parameter,
      values: splitAt(value, ',').map((v) => valueOf(parameter, v, { base, only })),
    };
  }
  const allowed = modifiers[parameter.kind].find((m) => m === modifier);
  if (!allowed) throw unknownModifier(parameter, modifier);
  if (allowed === 'missing') {
    if (value !== 'true' && value !== 'false')
      throw badRequest('malformed-value', `${code}:missing is either true or false`);
    return { op: 'filter', parameter, modifier: allowed, values: [{ text: value }] };
  }
  const read = (v: string): FilterValue =>
    allowed === 'identifier' ? tokenValue(v) : valueOf(parameter, v, { base });
  return { op: 'filter', parameter, modifier: allowed, values: splitAt(value, ',').map(read) };
}

const unknownModifier = (parameter: SearchParameter, modifier: string): FhirError =>
  later.has(modifier)
    ? unsupported(
        400,
        'not-supported',
        `The modifier :${modifier} is not served yet for ${parameter.kind} parameters`,
      )
    : badRequest(
        'unknown-modifier',
        `${parameter.code} is a ${parameter.kind} parameter; its modifiers are ${modifiers[parameter.kind].join(', ')}`,
      );

interface Given {
  readonly base?: string | undefined;
  readonly only?: ResourceType | undefined;
}

function valueOf(parameter: SearchParameter, value: string, given: Given): FilterValue {
  if (value === '') throw badRequest('malformed-value', `${parameter.code} has an empty alternative`);
  switch (parameter.kind) {
    case 'token':
      return tokenValue(value);
    case 'reference':
      return referenceValue(value, parameter, given);
    case 'date':
      return dateValue(value);
    case 'string':
      return stringValue(value);
    case 'number':
      return numberValue(value);
    case 'quantity':
      return quantityValue(value);
    case 'uri':
      return uriValue(value);
    case 'composite':
      throw unsupported(400, 'not-supported', 'Composite parameters are not served yet');
  }
}

/** `Type:code`, `Type:code:Target`, `Type:*` or `*`. See https://hl7.org/fhir/R4/search.html#include */
function includes(type: ResourceType, value: string): Include[] {
  if (value === '*') return includes(type, `${type}:*`);
  const [source = '', code = '', target] = unescaped(value).split(':');
  if (source !== type)
    throw badRequest('malformed-value', `_include starts with the type that is searched, ${type}`);
  return named(type, code, target);
}

function revincludes(type: ResourceType, value: string): Include[] {
  const [source = '', code = '', target] = unescaped(value).split(':');
  if (!isResourceType(source)) throw badRequest('malformed-value', '_revinclude starts with a resource type');
  if (target !== undefined && target !== type)
    throw badRequest('malformed-value', `_revinclude ends with the type that is searched, ${type}`);
  return named(source, code, type);
}

function named(source: ResourceType, code: string, target: string | undefined): Include[] {
  if (target !== undefined && !isResourceType(target))
    throw badRequest('malformed-value', 'The target of an include is no resource type');
  const parameters =
    code === '*'
      ? [...shipped.parametersOf(source).values()].filter((p) => p.kind === 'reference' && !p.from)
      : [parameterOf(source, code)];
  const [other] = parameters.filter((p) => p.kind !== 'reference');
  if (other) throw badRequest('malformed-value', `${other.code} is no reference parameter`);
  return parameters.map((parameter) => ({
    source,
    parameter,
    iterate: false,
    ...(target === undefined ? {} : { target }),
  }));
}
