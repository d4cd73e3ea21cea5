import { readdirSync, readFileSync } from 'node:fs';
import type { ResourceType, SearchParameter as SearchParameterResource } from '@medplum/fhirtypes';
import type { Choices } from './path.ts';
import type { Origin, ParameterType, SearchParameter } from './query.ts';

/** The registry of search parameters: R4's own, made by script/makeSearch.ts, and those of profiles/search. */
const folder = new URL('../../profiles/search/', import.meta.url);
const load = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown;

interface Shipped {
  readonly choices: Choices;
  readonly left: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly types: Readonly<
    Record<string, readonly (readonly [string, ParameterType, string, (readonly ResourceType[])?])[]>
  >;
}
const r4 = load('r4.json') as Shipped;

/** The types of each choice element of R4. */
export const choices = r4.choices;

/** What every resource has. `_id` and `_lastUpdated` are columns of the store, the others are indexed. */
const ofAll: readonly (readonly [string, ParameterType, string])[] = [
  ['_id', 'token', 'Resource.id'],
  ['_lastUpdated', 'date', 'Resource.meta.lastUpdated'],
  ['_profile', 'uri', 'Resource.meta.profile'],
  ['_tag', 'token', 'Resource.meta.tag'],
  ['_security', 'token', 'Resource.meta.security'],
  ['_source', 'uri', 'Resource.meta.source'],
];

/** Our own SearchParameter resources, in the order of their files. */
export const ownParameters: readonly SearchParameterResource[] = readdirSync(folder)
  .filter((name) => /^SearchParameter-.*\.json$/.test(name))
  .sort()
  .map((name) => load(name) as SearchParameterResource);

function rowsOf(type: ResourceType): SearchParameter[] {
  const own = ownParameters.filter((p) => p.base.includes(type));
  const rows = [
    ...ofAll,
    ...(r4.types[type] ?? []),
    ...own.map((p) => [p.code, p.type, p.expression, p.target] as Shipped['types'][string][number]),
  ];
  return rows.map(([code, kind, expression, target]) => ({
    type,
    code,
    kind,
    expression,
    ...(target ? { target } : {}),
  }));
}

const limited = /^(.*)\.where\(resolve\(\) is ([A-Za-z]+)\)$/;

/**
 * The parameters that hold all entries of another one: `patient` is what `subject` holds of Patients, `combo-code`
 * is what `code` and `component-code` hold. Undefined when it needs entries of its own.
 */
function originsOf(
  parameter: SearchParameter,
  all: readonly SearchParameter[],
): readonly Origin[] | undefined {
  const left = new Set(parameter.expression.split(' | '));
  const origins: Origin[] = [];
  const others = all.filter((other) => other !== parameter && other.kind === parameter.kind);
  for (const { code, expression } of others) {
    const parts = expression.split(' | ');
    if (!parts.every((part) => left.has(part))) continue;
    origins.push({ code });
    for (const part of parts) left.delete(part);
  }
  for (const part of parameter.kind === 'reference' ? [...left] : []) {
    const [, bare, target] = limited.exec(part) ?? [];
    const base = others.find((other) => other.expression === bare);
    if (!base) continue;
    origins.push({ code: base.code, target: target as ResourceType });
    left.delete(part);
  }
  return left.size === 0 ? origins : undefined;
}

function registered(type: ResourceType): ReadonlyMap<string, SearchParameter> {
  const rows = rowsOf(type);
  // An expression that two parameters share is held by the first; no origin may itself need an origin.
  const holders = rows.filter((row, i) => originsOf(row, rows.slice(0, i)) === undefined);
  const basic = holders.filter(
    (row) =>
      originsOf(
        row,
        holders.filter((other) => other !== row),
      ) === undefined,
  );
  return new Map(
    rows.map((row) => {
      const from = basic.includes(row) ? undefined : originsOf(row, basic);
      return [row.code, from ? { ...row, from } : row];
    }),
  );
}

const registry = new Map<ResourceType, ReadonlyMap<string, SearchParameter>>();

/** The search parameters of a type, by code. */
export function parametersOf(type: ResourceType): ReadonlyMap<string, SearchParameter> {
  const found = registry.get(type) ?? registered(type);
  registry.set(type, found);
  return found;
}

/** The kind of a parameter of the specification that is not served yet (composite, special). */
export const leftOut = (type: ResourceType, code: string): string | undefined => r4.left[type]?.[code];
