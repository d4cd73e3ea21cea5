import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Resource } from '@medplum/fhirtypes';

/** How the repetitions of an element are told apart. */
export interface Slicing {
  readonly by: readonly { readonly type: string; readonly path: string }[];
  readonly rules: string; // open, closed
}

export interface ElementType {
  readonly code: string;
  readonly profile?: readonly string[];
  readonly targetProfile?: readonly string[];
}

/** What a profile asks of one element or slice, as script/makeProfiles.ts writes it. */
export interface Row {
  readonly id?: string;
  readonly min?: number;
  readonly max?: number;
  readonly fixed?: unknown;
  readonly pattern?: unknown;
  readonly slicing?: Slicing;
  readonly type?: readonly ElementType[];
  readonly binding?: string; // a required one
  readonly constraint?: readonly { readonly key: string; readonly expression: string }[];
  readonly mustSupport?: boolean;
}

/** An element of a profile with its slices and children. */
export interface Node extends Row {
  readonly name: string;
  readonly children: Map<string, Node>;
  readonly slices: Map<string, Node>;
}

/** Per code system its codes, or true where any code of it will do. */
export type Expansion = Readonly<Record<string, readonly string[] | true>>;

export interface Profile {
  readonly type: string;
  readonly root: Node;
}

interface Fixture {
  readonly profiles: Readonly<Record<string, { readonly type: string; readonly element: readonly Row[] }>>;
  readonly valueSets: Readonly<Record<string, Expansion>>;
  readonly example: readonly Resource[];
}

/** A published guide: its profiles by canonical, with version and without, its value sets and its examples. */
export interface Guide {
  readonly name: string; // hl7.fhir.us.core-3.1.1
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly valueSets: ReadonlyMap<string, Expansion>;
  readonly example: readonly Resource[];
}

const folder = new URL('../../fixture/profile/', import.meta.url);

const node = (name: string, row: Row = {}): Node => ({
  ...row,
  name,
  children: new Map(),
  slices: new Map(),
});

/** Makes the rows of a snapshot, which stand in their order, a tree. */
function treeOf(rows: readonly Row[]): Node {
  const [first, ...rest] = rows;
  const root = node('', first);
  for (const row of rest) {
    const steps = (row.id ?? '').split('.').slice(1);
    let at = root;
    for (const [i, step] of steps.entries()) {
      const own = i === steps.length - 1;
      const [name = '', slice] = step.split(':');
      const element = at.children.get(name) ?? node(name, own && slice === undefined ? row : {});
      at.children.set(name, element);
      at = element;
      if (slice === undefined) continue;
      const part = element.slices.get(slice) ?? node(name, own ? row : {});
      element.slices.set(slice, part);
      at = part;
    }
  }
  return root;
}

const fixtures = readdirSync(folder)
  .filter((file) => file.endsWith('.json.gz'))
  .map((file) => ({
    name: file.replace('.json.gz', ''),
    fixture: JSON.parse(gunzipSync(readFileSync(new URL(file, folder))).toString('utf8')) as Fixture,
  }));

/** Value sets that one package names and another holds. */
const everySet = new Map(fixtures.flatMap(({ fixture }) => Object.entries(fixture.valueSets)));
/** The taxonomy list is not in a package: any code of its system will do, the product's own tests check the codes. */
everySet.set('http://cts.nlm.nih.gov/fhir/ValueSet/2.16.840.1.114222.4.11.1066', {
  'http://nucc.org/provider-taxonomy': true,
});

function guideOf(name: string): Guide {
  const found = fixtures.find((f) => f.name === name);
  if (!found) throw new Error(`no guide ${name}`);
  const { profiles, valueSets, example } = found.fixture;
  return {
    name,
    profiles: new Map(
      Object.entries(profiles).map(([url, { type, element }]) => [url, { type, root: treeOf(element) }]),
    ),
    valueSets: new Map([...everySet, ...Object.entries(valueSets)]),
    example,
  };
}

const opened = new Map<string, Guide>();

/** The guide of a package, read once. */
export function guide(name: string): Guide {
  const known = opened.get(name) ?? guideOf(name);
  opened.set(name, known);
  return known;
}

export const c4bb = (): Guide => guide('hl7.fhir.us.carin-bb-2.0.0');
export const usCore = (version: '3.1.1' | '6.1.0' | '7.0.0'): Guide => guide(`hl7.fhir.us.core-${version}`);

export const c4bbUrl = (name: string): string =>
  `http://hl7.org/fhir/us/carin-bb/StructureDefinition/C4BB-${name}`;
export const usCoreUrl = (name: string): string => `http://hl7.org/fhir/us/core/StructureDefinition/${name}`;
