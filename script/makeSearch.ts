/**
 * Writes profiles/search/r4.json from the official SearchParameters and StructureDefinitions of R4
 * (npm hl7.fhir.r4.examples 4.0.1, CC0): node script/makeSearch.ts
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type {
  ElementDefinition,
  SearchParameter,
  SearchParameterComponent,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';

const source = new URL('../node_modules/hl7.fhir.r4.examples/', import.meta.url);
const target = new URL('../profiles/search/', import.meta.url);
const indexed = new Set(['token', 'reference', 'date', 'string', 'number', 'quantity', 'uri', 'composite']);
/** Examples and parameters on extensions; they are not part of the base specification. */
const notBase = /-extensions-|-genetic-|^example|^filter$|^Resource-|^DomainResource-/;

function files<T>(prefix: string): T[] {
  const names = readdirSync(source).filter((name) => name.startsWith(prefix) && name.endsWith('.json'));
  return names.sort().map((name) => JSON.parse(readFileSync(new URL(name, source), 'utf8')) as T);
}

/** The alternatives of an expression that start at a type; one that names no type (InsurancePlan's name) gets it. */
const restricted = (expression: string, type: string): string =>
  expression
    .split('|')
    .map((part) => part.trim())
    .map((part) => (/^[a-z]+$/.test(part) ? `${type}.${part}` : part))
    .filter((part) => new RegExp(`^\\(*${type}\\b`).test(part))
    .join(' | ');

type Row = [code: string, kind: string, expression: string, targets?: string[], components?: Row[]];
type Definition = Partial<SearchParameter> & Pick<SearchParameter, 'code' | 'type'>;
const types: Record<string, Row[]> = {};
const left: Record<string, Record<string, string>> = {};

const definitions = files<Definition>('SearchParameter-');

/** R4 names the definitions of the parts of DocumentReference.relationship the wrong way round. */
const swapped: Record<string, string> = { relatesto: 'relation', relation: 'relatesto' };

/** A part of a composite: what its definition says, from the elements of the composite on. */
function componentRow({ definition, expression }: SearchParameterComponent): Row {
  const name = definition.replace(/^.*-/, '');
  const url = swapped[name] === undefined ? definition : definition.replace(/[a-z]+$/, swapped[name]);
  const of = definitions.find((other) => other.url === url);
  if (!of) throw new Error(`${definition} is not defined`);
  // Group.characteristic.value is also a Quantity, which is no token
  const path = expression === 'value' ? 'value.as(CodeableConcept) | value.as(boolean)' : expression;
  return of.target ? [of.code, of.type, path, of.target] : [of.code, of.type, path];
}

for (const parameter of definitions) {
  if (notBase.test(parameter.id ?? '')) continue;
  for (const base of parameter.base ?? []) {
    const expression = restricted(parameter.expression ?? '', base);
    if (!indexed.has(parameter.type) || expression === '') {
      (left[base] ??= {})[parameter.code] = parameter.type;
      continue;
    }
    const row: Row = [parameter.code, parameter.type, expression];
    if (parameter.target || parameter.component) row.push(parameter.target ?? []);
    if (parameter.component) row.push(parameter.component.map(componentRow));
    (types[base] ??= []).push(row);
  }
}

const structures = files<StructureDefinition>('StructureDefinition-').filter(
  ({ derivation, kind }) => derivation !== 'constraint' && (kind === 'resource' || kind === 'complex-type'),
);
const choices: Record<string, Set<string>> = {};
for (const definition of structures) {
  for (const element of definition.snapshot?.element ?? []) {
    const name = /([A-Za-z]+)\[x\]$/.exec(element.path)?.[1];
    for (const { code } of name === undefined ? [] : (element.type ?? []))
      (choices[name ?? ''] ??= new Set()).add(code.slice(0, 1).toUpperCase() + code.slice(1));
  }
}

const valueSets = new Map(files<ValueSet>('ValueSet-').map((set) => [set.url, set]));
const elements = new Map(
  structures.flatMap(({ snapshot }) => snapshot?.element ?? []).map((e) => [e.path, e]),
);

/** The code systems of a required binding. */
function systemsOf({ binding }: ElementDefinition): string[] {
  if (binding?.strength !== 'required') return [];
  const [url] = (binding.valueSet ?? '').split('|');
  const included = valueSets.get(url)?.compose?.include ?? [];
  return [...new Set(included.flatMap(({ system }) => system ?? []))].sort();
}

/** What a path of a search expression leads to, through the type of each element. */
function elementAt(path: string): ElementDefinition | undefined {
  const [root = '', ...names] = path.split('.');
  let at = root;
  let found: ElementDefinition | undefined;
  for (const name of names) {
    found = elements.get(`${at}.${name}`);
    if (found?.contentReference) found = elements.get(found.contentReference.slice(1));
    if (!found) return undefined;
    const [type, ...others] = found.type ?? [];
    at =
      type && others.length === 0 && elements.has(`${type.code}.id`) && !/Element$/.test(type.code)
        ? type.code
        : found.path;
  }
  return found;
}

/** Elements of type code, and those whose name does not say whether they are Identifiers. */
const codes: Record<string, string[]> = {};
const identifiers: Record<string, boolean> = {};
const resources = structures
  .filter(({ kind }) => kind === 'resource')
  .flatMap((s) => s.snapshot?.element ?? []);
const searched = Object.values(types).flatMap((list) =>
  list.flatMap(([, , expression]) => expression.split(' | ')),
);
for (const path of new Set([...resources.map((e) => e.path), ...searched])) {
  const element = elementAt(path);
  const kinds = (element?.type ?? []).map(({ code }) => code);
  if (element && kinds.join() === 'code') {
    const systems = systemsOf(element);
    if (systems.length > 0) codes[path] = systems;
  }
  if (element && kinds.length === 1 && (kinds[0] === 'Identifier') !== /[iI]dentifier$/.test(path))
    identifiers[path] = kinds[0] === 'Identifier';
}

/** The element that a part of an expression gives, whatever it picks of it. */
const plainPath = (part: string): string =>
  part
    .replace(/^\((\S+) as [A-Za-z]+\)$/, '$1[x]')
    .replace(/\.where\((?:[^()]|\(\))*\)/g, '')
    .replace(/\[0\]/g, '');

/** What names a resource by its canonical URL: the uris that search parameters of type reference lead to do, too. */
const canonicalTypes = new Set(['canonical', 'uri']);

/** Elements and parts of expressions that hold canonical URLs, and parts that lead to the resource itself (in a Bundle). */
const canonicals = new Set<string>();
const unfollowed = new Set<string>();
for (const { path, type = [] } of resources)
  if (type.length > 0 && type.every(({ code }) => code === 'canonical')) canonicals.add(path);
for (const [, kind, expression] of Object.values(types).flat()) {
  for (const part of kind === 'reference' ? expression.split(' | ') : []) {
    const element = elementAt(plainPath(part)) ?? elementAt(`${plainPath(part)}[x]`);
    if (!element) throw new Error(`${part} is no element`);
    const cast = / as ([A-Za-z]+)\)$/.exec(part)?.[1];
    const kinds = cast === undefined ? (element.type ?? []).map(({ code }) => code) : [cast];
    if (kinds.every((code) => canonicalTypes.has(code))) canonicals.add(part);
    if (kinds.every((code) => code === 'Resource')) unfollowed.add(part);
  }
}

/** Parts of token parameters whose elements are compared without case. See https://hl7.org/fhir/R4/search.html#token */
const caselessTypes = new Set(['ContactPoint', 'string']);
const tokenParts = Object.values(types).flatMap((list) =>
  list.flatMap(([, kind, expression, , components = []]) => [
    ...(kind === 'token' ? expression.split(' | ') : []),
    ...components.flatMap(([, of, path]) =>
      of === 'token'
        ? path.split(' | ').flatMap((one) => expression.split(' | ').map((start) => `${start}.${one}`))
        : [],
    ),
  ]),
);
const caseless = new Set(
  tokenParts.filter((part) => {
    const kinds = (elementAt(plainPath(part))?.type ?? []).map(({ code }) => code);
    return kinds.length > 0 && kinds.every((code) => caselessTypes.has(code));
  }),
);

const line = (entries: [string, unknown][]): string =>
  entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n');
const rows = (list: Row[]): string =>
  `[\n${[...list]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((row) => `      ${JSON.stringify(row)}`)
    .join(',\n')}\n    ]`;
const text = `{
  "source": "HL7 FHIR R4 4.0.1, SearchParameters and StructureDefinitions (CC0), npm hl7.fhir.r4.examples 4.0.1",
  "canonicals": ${JSON.stringify([...canonicals].sort(), null, 2).replaceAll('\n', '\n  ')},
  "caseless": ${JSON.stringify([...caseless].sort(), null, 2).replaceAll('\n', '\n  ')},
  "choices": {
${line(Object.entries(choices).map(([name, of]) => [name, [...of].sort()]))}
  },
  "codes": {
${line(Object.entries(codes))}
  },
  "identifiers": {
${line(Object.entries(identifiers))}
  },
  "left": {
${line(Object.entries(left))}
  },
  "unfollowed": ${JSON.stringify([...unfollowed].sort(), null, 2).replaceAll('\n', '\n  ')},
  "types": {
${Object.keys(types)
  .sort()
  .map((type) => `    ${JSON.stringify(type)}: ${rows(types[type] ?? [])}`)
  .join(',\n')}
  }
}
`;
mkdirSync(target, { recursive: true });
writeFileSync(new URL('r4.json', target), text);
