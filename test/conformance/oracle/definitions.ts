import {
  evalFhirPathTyped,
  indexStructureDefinitionBundle,
  parseFhirPath,
  toTypedValue,
  type TypedValue,
} from '@medplum/core';
import type { Resource, SearchParameter, StructureDefinition } from '@medplum/fhirtypes';
import { exampleNames, read } from '../../validation/official.ts';

/** A search parameter of one type, as HL7 publishes it. Nothing here comes from src or profiles. */
export interface Definition {
  readonly type: string;
  readonly code: string;
  readonly kind: SearchParameter['type'];
  readonly targets: readonly string[];
  readonly components: readonly { readonly of: string; readonly path: string }[];
  readonly url: string;
  readonly paths: readonly string[]; // FHIRPath that starts at the type; its alternatives one by one
}

/** Parameters on extensions and examples are no part of the base specification; those without a path are not either. */
const notBase = /-extensions-|-genetic-|^example|^filter$|^Resource-|^DomainResource-/;

/** `as` in search expressions filters (they use it on lists); in FHIRPath that is ofType. */
const filtering = (path: string): string =>
  path.replace(/\(([^()]+) as (\w+)\)/g, '$1.ofType($2)').replace(/\.as\((\w+)\)/g, '.ofType($1)');

/** The alternatives of an expression that start at a type. */
function pathsAt(type: string, expression: string): string[] {
  const parts = expression.split('|').map((part) => part.trim());
  const whole = parts.map((part) => (/^[a-z]+$/.test(part) ? `${type}.${part}` : part));
  return whole.filter((part) => new RegExp(`^\\(*${type}\\b`).test(part)).map(filtering);
}

const ofAll: readonly [string, SearchParameter['type'], string][] = [
  ['_id', 'token', 'id'],
  ['_lastUpdated', 'date', 'meta.lastUpdated'],
  ['_profile', 'uri', 'meta.profile'],
  ['_tag', 'token', 'meta.tag'],
  ['_security', 'token', 'meta.security'],
  ['_source', 'uri', 'meta.source'],
];

type Definitions = ReadonlyMap<string, ReadonlyMap<string, Definition>>;
let made: Definitions | undefined;

/** Every parameter of every type that has some, by type and code. */
export function definitions(): Definitions {
  made ??= make();
  return made;
}

function make(): Definitions {
  const names = exampleNames();
  const structures = names.filter((name) => name.startsWith('StructureDefinition-'));
  indexStructureDefinitionBundle(
    structures.map((name) => read<StructureDefinition>(name)).filter((s) => s.derivation !== 'constraint'),
  );
  const all = new Map<string, Map<string, Definition>>();
  const add = (type: string, definition: Definition): void => {
    const ofType = all.get(type) ?? new Map<string, Definition>();
    all.set(type, ofType.set(definition.code, definition));
  };
  for (const name of names.filter((n) => n.startsWith('SearchParameter-'))) {
    const parameter = read<SearchParameter>(name);
    if (notBase.test(parameter.id ?? '')) continue;
    for (const type of parameter.base) {
      const paths = pathsAt(type, parameter.expression ?? '');
      if (paths.length > 0) add(type, definition(parameter, type, paths));
    }
  }
  for (const type of all.keys())
    for (const [code, kind, path] of ofAll)
      add(type, { type, code, kind, targets: [], components: [], url: '', paths: [`${type}.${path}`] });
  return all;
}

const definition = (parameter: SearchParameter, type: string, paths: readonly string[]): Definition => ({
  type,
  code: parameter.code,
  kind: parameter.type,
  targets: narrowed(paths) ?? parameter.target ?? [],
  components: (parameter.component ?? []).map((c) => ({ of: c.definition, path: filtering(c.expression) })),
  url: parameter.url,
  paths,
});

/** An expression that takes references to one type only says more than the list of targets beside it. */
function narrowed(paths: readonly string[]): string[] | undefined {
  const types = paths.map((path) => /\.where\(resolve\(\) is (\w+)\)$/.exec(path)?.[1]);
  return types.length > 0 && types.every((type) => type !== undefined) ? types : undefined;
}

/** The parameter that a component of a composite names by its canonical. */
export function byUrl(type: string, url: string): Definition {
  const own = [...(definitions().get(type)?.values() ?? [])].find((d) => d.url === url);
  const any = own ?? [...definitions().values()].flatMap((m) => [...m.values()]).find((d) => d.url === url);
  if (!any) throw new Error(`no parameter ${url}`);
  return any;
}

const parsed = new Map<string, ReturnType<typeof parseFhirPath>>();
function atomOf(path: string): ReturnType<typeof parseFhirPath> {
  const known = parsed.get(path) ?? parseFhirPath(path);
  parsed.set(path, known);
  return known;
}

/** What a path selects. The engine is Medplum's; the server has its own. */
export const evaluate = (path: string, from: TypedValue, resource: Resource): TypedValue[] =>
  evalFhirPathTyped(atomOf(path), [from], { '%resource': toTypedValue(resource) });

/** A primitive that has extensions only, and no value. */
const isBare = ({ type, value }: TypedValue): boolean => /^[a-z]/.test(type) && typeof value === 'object';

const kept = new WeakMap<Resource, Map<Definition, TypedValue[]>>();

/** The elements of a resource that a parameter is about. */
export function elementsOf(resource: Resource, parameter: Definition): readonly TypedValue[] {
  const ofResource = kept.get(resource) ?? new Map<Definition, TypedValue[]>();
  kept.set(resource, ofResource);
  const root = toTypedValue(resource);
  const known =
    ofResource.get(parameter) ??
    parameter.paths
      .flatMap((p) => evaluate(p, root, resource))
      .filter((element) => !isBare(element))
      .map((element) => (parameter.code === '_id' ? { ...element, type: 'id' } : element)); // no string: case counts
  ofResource.set(parameter, known);
  return known;
}
