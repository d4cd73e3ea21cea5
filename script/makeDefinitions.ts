/**
 * Writes profiles/definition: a StructureDefinition for every extension of our own, a CodeSystem for every code system and
 * a ValueSet for each, from script/ownDefinitions.json, and the CodeSystem of outcome codes from src itself:
 * node script/makeDefinitions.ts
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type {
  CodeSystem,
  ElementDefinition,
  ElementDefinitionType,
  Resource,
  StructureDefinition,
  ValueSet,
} from '@medplum/fhirtypes';
import { outcomeCodes } from './outcomeCodes.ts';

const own = 'https://claimwright.example/fhir';
const target = new URL('../profiles/definition/', import.meta.url);

interface Part {
  readonly type: string; // several with blanks between them
  readonly min?: number;
  readonly max?: string;
  readonly description: string;
}
interface Extension {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly context: readonly string[];
  readonly value?: readonly string[];
  readonly valueSet?: string;
  readonly part?: Readonly<Record<string, Part>>;
}
interface Own {
  readonly date: string;
  readonly version: string;
  readonly publisher: string;
  readonly extensions: readonly Extension[];
  readonly codeSystems: readonly {
    readonly id: string;
    readonly title: string;
    readonly description: string;
    readonly content?: CodeSystem['content'];
    readonly codes: Readonly<Record<string, string>>;
  }[];
  readonly valueSets: readonly {
    readonly id: string;
    readonly title: string;
    readonly description: string;
    readonly systems: readonly string[];
  }[];
}

const list = JSON.parse(readFileSync(new URL('ownDefinitions.json', import.meta.url), 'utf8')) as Own;

/** `charge-item` → `ChargeItem`: a name that software may use. */
const nameOf = (id: string): string =>
  id.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const narrative = (title: string, description: string) => ({
  status: 'generated' as const,
  div: `<div xmlns="http://www.w3.org/1999/xhtml"><p><b>${escaped(title)}</b></p><p>${escaped(description)}</p></div>`,
});
const { version, publisher, date } = list;
const published = { status: 'active' as const, experimental: false, date, publisher };

/** `Reference(Patient|Organization)` → the type with its targets. */
function typeOf(text: string): ElementDefinitionType {
  const [, code = text, targets] = /^(\w+)\((.*)\)$/.exec(text) ?? [];
  if (targets === undefined) return { code };
  const targetProfile = targets.split('|').map((one) => `http://hl7.org/fhir/StructureDefinition/${one}`);
  return { code, targetProfile };
}

const elementRule = {
  key: 'ele-1',
  severity: 'error' as const,
  human: 'All FHIR elements must have a @value or children',
  expression: 'hasValue() or (children().count() > id.count())',
  xpath: '@value|f:*|h:div',
  source: 'http://hl7.org/fhir/StructureDefinition/Element',
};
const extensionRule = {
  key: 'ext-1',
  severity: 'error' as const,
  human: 'Must have either extensions or value[x], not both',
  expression: 'extension.exists() != value.exists()',
  xpath: "exists(f:extension)!=exists(f:*[starts-with(local-name(.), 'value')])",
  source: 'http://hl7.org/fhir/StructureDefinition/Extension',
};
const systemType = (type: 'string' | 'uri'): ElementDefinitionType[] => [
  {
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type', valueUrl: type },
    ],
    code: 'http://hl7.org/fhirpath/System.String',
  },
];
const slicing: NonNullable<ElementDefinition['slicing']> = {
  discriminator: [{ type: 'value', path: 'url' }],
  description: 'Extensions are always sliced by (at least) url',
  rules: 'open',
};

interface Level {
  readonly id: string; // of the element
  readonly path: string;
  readonly url: string;
  readonly parts: Readonly<Record<string, Part>>;
  readonly value: readonly string[];
  readonly valueSet?: string | undefined;
  readonly short: string;
}

/** The elements below an extension, as the snapshot has them. */
function below({ id, path, url, parts, value, valueSet, short }: Level): ElementDefinition[] {
  const names = Object.keys(parts);
  return [
    {
      id: `${id}.id`,
      path: `${path}.id`,
      representation: ['xmlAttr'],
      short: 'Unique id for inter-element referencing',
      definition: 'Unique id for the element within a resource (for internal references).',
      min: 0,
      max: '1',
      base: { path: 'Element.id', min: 0, max: '1' },
      type: systemType('string'),
      isModifier: false,
      isSummary: false,
    },
    {
      id: `${id}.extension`,
      path: `${path}.extension`,
      slicing,
      short: 'Extension',
      definition: names.length > 0 ? 'The parts of the extension.' : 'An Extension',
      min: Object.values(parts).reduce((sum, { min = 0 }) => sum + min, 0),
      max: names.length > 0 ? '*' : '0',
      base: { path: 'Element.extension', min: 0, max: '*' },
      type: [{ code: 'Extension' }],
      constraint: [elementRule, extensionRule],
      isModifier: false,
      isSummary: false,
    },
    ...names.flatMap((name) => {
      const part = parts[name];
      return part ? slice(id, path, name, part) : [];
    }),
    {
      id: `${id}.url`,
      path: `${path}.url`,
      representation: ['xmlAttr'],
      short: 'identifies the meaning of the extension',
      definition: 'Source of the definition for the extension code - a logical name or a URL.',
      min: 1,
      max: '1',
      base: { path: 'Extension.url', min: 1, max: '1' },
      type: systemType('uri'),
      fixedUri: url,
      isModifier: false,
      isSummary: false,
    },
    {
      id: `${id}.value[x]`,
      path: `${path}.value[x]`,
      short,
      definition: short,
      min: names.length > 0 || value.length === 0 ? 0 : 1,
      max: value.length === 0 ? '0' : '1',
      base: { path: 'Extension.value[x]', min: 0, max: '1' },
      type: (value.length === 0 ? ['string'] : value).map(typeOf),
      constraint: [elementRule],
      isModifier: false,
      isSummary: false,
      ...(valueSet === undefined
        ? {}
        : { binding: { strength: 'required' as const, valueSet: `${own}/ValueSet/${valueSet}` } }),
    },
  ];
}

function slice(id: string, path: string, name: string, part: Part): ElementDefinition[] {
  const own: Pick<ElementDefinition, 'id' | 'path'> = {
    id: `${id}.extension:${name}`,
    path: `${path}.extension`,
  };
  return [
    {
      ...own,
      sliceName: name,
      short: part.description,
      definition: part.description,
      min: part.min ?? 0,
      max: part.max ?? '1',
      base: { path: 'Element.extension', min: 0, max: '*' },
      type: [{ code: 'Extension' }],
      constraint: [elementRule, extensionRule],
      isModifier: false,
      isSummary: false,
    },
    ...below({
      id: own.id ?? '',
      path: own.path,
      url: name,
      parts: {},
      value: part.type.split(' '),
      short: part.description,
    }),
  ];
}

/** What the snapshot says otherwise than R4's Extension: the differential. */
function differing(elements: readonly ElementDefinition[]): ElementDefinition[] {
  return elements
    .filter(({ id = '' }) => !id.endsWith('.id'))
    .map(
      ({ base: _, constraint: _c, isModifier: _m, isSummary: _s, representation: _r, type, ...element }) => ({
        ...element,
        ...(element.path.endsWith('value[x]') && element.max !== '0' ? { type } : {}),
      }),
    );
}

function structure({
  id,
  title,
  description,
  context,
  value = [],
  part = {},
  valueSet,
}: Extension): StructureDefinition {
  const url = `${own}/StructureDefinition/${id}`;
  const root: ElementDefinition = {
    id: 'Extension',
    path: 'Extension',
    short: title,
    definition: description,
    min: 0,
    max: '*',
    base: { path: 'Extension', min: 0, max: '*' },
    constraint: [elementRule, extensionRule],
    isModifier: false,
  };
  const element = [
    root,
    ...below({ id: 'Extension', path: 'Extension', url, parts: part, value, valueSet, short: title }),
  ];
  return {
    resourceType: 'StructureDefinition',
    id,
    text: narrative(title, description),
    url,
    version,
    name: nameOf(id),
    title,
    ...published,
    description,
    fhirVersion: '4.0.1',
    kind: 'complex-type',
    abstract: false,
    context: context.map((expression) => ({ type: 'element' as const, expression })),
    type: 'Extension',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension',
    derivation: 'constraint',
    snapshot: { element },
    differential: { element: differing(element) },
  };
}

const sentence = (code: string): string => {
  const words = code.replaceAll('-', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
};

function codeSystem(one: Own['codeSystems'][number]): CodeSystem {
  const { id, title, description, content = 'complete', codes } = one;
  const concept = Object.entries(codes).map(([code, display]) => ({
    code,
    display,
    definition: `${display}.`,
  }));
  return {
    resourceType: 'CodeSystem',
    id,
    text: narrative(title, description),
    url: `${own}/CodeSystem/${id}`,
    version,
    name: `${nameOf(id)}Codes`,
    title,
    ...published,
    description,
    caseSensitive: true,
    valueSet: `${own}/ValueSet/${id}`,
    content,
    ...(content === 'complete' ? { count: concept.length } : {}),
    concept,
  };
}

function valueSet({ id, title, description, systems }: Own['valueSets'][number]): ValueSet {
  return {
    resourceType: 'ValueSet',
    id,
    text: narrative(title, description),
    url: `${own}/ValueSet/${id}`,
    version,
    name: nameOf(id),
    title,
    ...published,
    description,
    compose: { include: systems.map((system) => ({ system })) },
  };
}

/** Every definition of our own, in the order of their files. */
export function ownDefinitions(): Resource[] {
  const outcome = {
    id: 'outcome',
    title: 'Codes of outcomes',
    description: 'What an issue of an OperationOutcome says, for software to test.',
    codes: Object.fromEntries(outcomeCodes().map((code) => [code, sentence(code)])),
  };
  const codeSystems = [...list.codeSystems, outcome];
  return [
    ...list.extensions.map(structure),
    ...codeSystems.map(codeSystem),
    ...codeSystems.map(({ id, title, description }) =>
      valueSet({ id, title, description, systems: [`${own}/CodeSystem/${id}`] }),
    ),
    ...list.valueSets.map(valueSet),
  ];
}

if (import.meta.main) {
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(target)) rmSync(new URL(name, target));
  for (const resource of ownDefinitions())
    writeFileSync(
      new URL(`${resource.resourceType}-${resource.id ?? ''}.json`, target),
      `${JSON.stringify(resource, null, 2)}\n`,
    );
}
