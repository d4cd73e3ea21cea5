/**
 * Writes profiles/search/r4.json from the official SearchParameters and StructureDefinitions of R4
 * (npm hl7.fhir.r4.examples 4.0.1, CC0): node script/makeSearch.ts
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { SearchParameter, SearchParameterComponent, StructureDefinition } from '@medplum/fhirtypes';

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

const choices: Record<string, Set<string>> = {};
for (const definition of files<StructureDefinition>('StructureDefinition-')) {
  if (definition.derivation === 'constraint') continue;
  if (definition.kind !== 'resource' && definition.kind !== 'complex-type') continue;
  for (const element of definition.snapshot?.element ?? []) {
    const name = /([A-Za-z]+)\[x\]$/.exec(element.path)?.[1];
    for (const { code } of name === undefined ? [] : (element.type ?? []))
      (choices[name ?? ''] ??= new Set()).add(code.slice(0, 1).toUpperCase() + code.slice(1));
  }
}

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
  "choices": {
${line(Object.entries(choices).map(([name, of]) => [name, [...of].sort()]))}
  },
  "left": {
${line(Object.entries(left))}
  },
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
