import { readdirSync, readFileSync } from 'node:fs';
import type { ResourceType, SearchParameter as SearchParameterResource } from '@medplum/fhirtypes';
import type { Choices } from './path.ts';
import type { ParameterType, SearchParameter } from './query.ts';

/** The registry of search parameters: R4's own, made by script/makeSearch.ts, and those of profiles/search. */
const folder = new URL('../../profiles/search/', import.meta.url);
const load = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;

type Row = readonly [
  code: string,
  kind: ParameterType,
  expression: string,
  targets?: readonly ResourceType[] | undefined,
  components?: readonly Row[],
];
interface Shipped {
  readonly canonicals: readonly string[];
  readonly caseless: readonly string[];
  readonly choices: Choices;
  readonly codes: Readonly<Record<string, readonly string[]>>;
  readonly identifiers: Readonly<Record<string, boolean>>;
  readonly left: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly types: Readonly<Record<string, readonly Row[]>>;
  readonly unfollowed: readonly string[];
}
const r4 = load('r4.json') as Shipped;

/** The types of each choice element of R4. */
export const choices = r4.choices;

/** The code systems of each element of type code, by its path: those of its required binding. */
export const systemsOfCodes = r4.codes;

/** Whether an element is an Identifier, by its path: those whose name does not say so. */
export const areIdentifiers = r4.identifiers;

/** The expressions of token parameters whose elements are contact points or strings. */
export const caseless: ReadonlySet<string> = new Set(r4.caseless);

/** The expressions of elements that hold canonical URLs. */
export const canonicals: ReadonlySet<string> = new Set(r4.canonicals);

/** The expressions of elements that are the resource itself, not a reference to it: what a Bundle holds. */
export const unfollowed: ReadonlySet<string> = new Set(r4.unfollowed);

/** What every resource has. `_id` and `_lastUpdated` are columns of the store, the others are indexed. */
const ofAll: readonly Row[] = [
  ['_id', 'token', 'Resource.id'],
  ['_lastUpdated', 'date', 'Resource.meta.lastUpdated'],
  ['_profile', 'uri', 'Resource.meta.profile'],
  ['_tag', 'token', 'Resource.meta.tag'],
  ['_security', 'token', 'Resource.meta.security'],
  ['_source', 'uri', 'Resource.meta.source'],
];

/** SearchParameter resources of our own and of CARIN Blue Button, in the order of their files. */
export const ownParameters: readonly SearchParameterResource[] = readdirSync(folder)
  .filter((name) => /^SearchParameter-.*\.json$/.test(name))
  .sort()
  .map((name) => load(name) as SearchParameterResource);

/** The parameters of a type as they are shipped: a guide's own definition stands for that of R4. */
export function shippedRows(type: ResourceType): SearchParameter[] {
  const own = ownParameters.filter((p) => p.base.includes(type));
  const codes = new Set(own.map((p) => p.code));
  const rows = [
    ...ofAll,
    ...(r4.types[type] ?? []).filter(([code]) => !codes.has(code)),
    ...own.map((p): Row => [p.code, p.type as ParameterType, p.expression ?? '', p.target]),
  ];
  return rows.map((row) => parameterOf(type, row));
}

function parameterOf(
  type: ResourceType,
  [code, kind, expression, target = [], components]: Row,
): SearchParameter {
  return {
    type,
    code,
    kind,
    expression,
    ...(target.length > 0 ? { target } : {}),
    ...(components ? { components: components.map((row) => parameterOf(type, row)), unindexed: true } : {}),
  };
}

/** The kind of a parameter of the specification that is not served (special). */
export const leftOut = (type: ResourceType, code: string): string | undefined => r4.left[type]?.[code];
