/**
 * Writes profiles/structure/r4.json, what the structural validation is made of, from the official R4 definitions
 * in the npm package hl7.fhir.r4.examples 4.0.1 (CC0). Run it with: npm run profiles
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CodeSystem,
  CodeSystemConcept,
  ElementDefinition,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';

const folder = join(import.meta.dirname, '../node_modules/hl7.fhir.r4.examples');
const target = join(import.meta.dirname, '../profiles/structure/r4.json');

const all = <T>(type: string): T[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(`${type}-`))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T);

interface Type {
  readonly extends: string;
  readonly abstract?: true;
  readonly resource?: true;
  readonly elements: Record<string, string>;
}

const valueSets = new Map(all<ValueSet>('ValueSet').map((v) => [v.url, v]));
const codeSystems = new Map(all<CodeSystem>('CodeSystem').map((c) => [c.url, c]));

const tail = (url: string | undefined): string => (url ?? '').split('/').at(-1)?.split('|')[0] ?? '';

const nested = (concepts: readonly CodeSystemConcept[] = []): string[] =>
  concepts.flatMap((c) => [c.code, ...nested(c.concept)]);

/** The codes of a value set; undefined when it takes in a code system that the package does not ship. */
function expand(url: string): string[] | undefined {
  if (tail(url) === 'currencies') return Intl.supportedValuesOf('currency'); // ISO 4217 as ICU knows it
  const compose = valueSets.get(url.split('|')[0])?.compose;
  if (!compose || compose.exclude) return undefined;
  const found: string[] = [];
  for (const include of compose.include) {
    const system = codeSystems.get(include.system);
    if (include.valueSet || include.filter) return undefined;
    if (!include.concept && system?.content !== 'complete') return undefined;
    found.push(...(include.concept?.map((c) => c.code) ?? nested(system?.concept)));
  }
  return [...new Set(found)];
}

const codes: Record<string, string[]> = {};
const types: Record<string, Type> = {};

/** The type names of an element; a FHIRPath system type stands for the FHIR type its extension names. */
function typeNames(element: ElementDefinition): string[] {
  if (element.contentReference) return [element.contentReference.slice(1)];
  if (element.path === 'Resource.id') return ['id'];
  return (element.type ?? []).map(({ code, extension }) => {
    if (code === 'BackboneElement' || code === 'Element') return element.path;
    return code.includes('/') ? (extension?.[0]?.valueUrl ?? 'string') : code;
  });
}

/** An element in a few words: '0..1 date|dateTime', '1..1 code claim-use', '0..* Claim.item'. */
function line(element: ElementDefinition): string {
  const names = typeNames(element);
  const words = [`${element.min ?? 0}..${element.max ?? '*'}`, names.join('|')];
  const { strength, valueSet } = element.binding ?? {};
  if (strength === 'required' && valueSet && names[0] === 'code') {
    const expansion = expand(valueSet);
    if (expansion) {
      codes[tail(valueSet)] = expansion;
      words.push(tail(valueSet));
    }
  }
  return words.join(' ');
}

function addType(definition: StructureDefinition): void {
  const elements = definition.snapshot?.element ?? [];
  types[definition.type] = {
    extends: tail(definition.baseDefinition),
    ...(definition.abstract ? { abstract: true } : {}),
    ...(definition.kind === 'resource' ? { resource: true } : {}),
    elements: {},
  };
  for (const element of elements.slice(1)) {
    if (element.base?.path !== element.path) continue; // inherited
    const path = element.path;
    const cut = path.lastIndexOf('.');
    const type = element.type?.[0];
    if (type?.code === 'BackboneElement' || type?.code === 'Element')
      types[path] = { extends: type.code, elements: {} };
    const owner = types[path.slice(0, cut)];
    if (owner) owner.elements[path.slice(cut + 1)] = line(element);
  }
}

for (const definition of all<StructureDefinition>('StructureDefinition'))
  if (definition.derivation !== 'constraint' && /^(resource|complex-type)$/.test(definition.kind))
    addType(definition);

const sorted = <T>(record: Record<string, T>): [string, T][] =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
const rows = <T>(record: Record<string, T>): string =>
  sorted(record)
    .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n');
const head = {
  source:
    'HL7 FHIR R4 4.0.1, StructureDefinitions, ValueSets and CodeSystems of npm hl7.fhir.r4.examples 4.0.1',
  license: 'CC0-1.0',
  madeBy: 'script/makeStructure.ts',
};
writeFileSync(
  target,
  `{\n  ${JSON.stringify(head).slice(1, -1)},\n  "types": {\n${rows(types)}\n  },\n  "codes": {\n${rows(codes)}\n  }\n}\n`,
);
