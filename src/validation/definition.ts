import { readFileSync } from 'node:fs';
import { containing, invariants, type Invariant } from './invariant.ts';
import { primitives, type Primitive } from './primitive.ts';

/** An element as it is written in JSON: valueQuantity and valueString are two, of the one name value. */
export interface Element {
  readonly key: string; // its JSON property
  readonly name: string; // its name in FHIRPath: value
  readonly choice: boolean; // one of the types of a [x]
  readonly type: string; // 'Quantity', 'Claim.item', 'code', 'Resource'
  readonly primitive: Primitive | undefined;
  readonly list: boolean;
  readonly codes: ReadonlySet<string> | undefined; // of a required binding
  readonly valueSet: string | undefined; // the key of these codes
}

/** A resource, data type or backbone element with what it inherits. */
export interface TypeDefinition {
  readonly name: string;
  readonly resource: boolean;
  readonly elements: ReadonlyMap<string, Element>; // by JSON property
  readonly required: readonly (readonly Element[])[]; // of each group one must be there
  readonly invariants: readonly Invariant[];
  readonly choices: ReadonlyMap<string, string>; // JSON property → name of its [x], primitive extensions too
}

interface Row {
  readonly extends: string;
  readonly abstract?: true;
  readonly resource?: true;
  readonly elements: Readonly<Record<string, string>>;
}
interface Source {
  readonly types: Readonly<Record<string, Row>>;
  readonly codes: Readonly<Record<string, readonly string[]>>;
}

let source: Source | undefined;
/** R4 in a few words, made by script/makeStructure.ts; read when first needed. */
const r4 = (): Source =>
  (source ??= JSON.parse(
    readFileSync(new URL('../../profiles/structure/r4.json', import.meta.url), 'utf8'),
  ) as Source);

const codeSets = new Map<string, ReadonlySet<string>>();
/** The codes of a required binding, by the last part of the value set's URL. */
export function codesOf(valueSet: string): ReadonlySet<string> {
  const known = codeSets.get(valueSet) ?? new Set(r4().codes[valueSet]);
  codeSets.set(valueSet, known);
  return known;
}

/** The elements that one line of a type stands for: one, or one per type of a choice. */
function read(name: string, line: string): { elements: Element[]; required: boolean } {
  const [cardinality = '', types = '', valueSet] = line.split(' ');
  const choice = name.endsWith('[x]');
  const plain = choice ? name.slice(0, -3) : name;
  const elements = types.split('|').map((type) => ({
    key: choice ? plain + type.charAt(0).toUpperCase() + type.slice(1) : plain,
    name: plain,
    choice,
    type,
    primitive: primitives[type],
    list: !cardinality.endsWith('..1'),
    codes: valueSet === undefined ? undefined : codesOf(valueSet),
    valueSet,
  }));
  return { elements, required: !cardinality.startsWith('0') };
}

function build(name: string, row: Row): TypeDefinition {
  const lines: [string, string][] = [];
  for (let at: Row | undefined = row; at; at = r4().types[at.extends])
    lines.unshift(...Object.entries(at.elements));
  const elements = new Map<string, Element>();
  const choices = new Map<string, string>();
  const required: Element[][] = [];
  for (const [key, line] of lines) {
    const one = read(key, line);
    if (one.required) required.push(one.elements);
    for (const element of one.elements) {
      elements.set(element.key, element);
      if (!element.choice) continue;
      choices.set(element.key, element.name);
      if (element.primitive) choices.set(`_${element.key}`, element.name);
    }
  }
  const resource = row.resource === true;
  const rules = resource && elements.has('contained') ? containing : (invariants[name] ?? []);
  return { name, resource, elements, required, choices, invariants: rules };
}

const built = new Map<string, TypeDefinition>();

/** The definition of a type or backbone element by its path; undefined when R4 has none, or an abstract one. */
export function definitionOf(name: string): TypeDefinition | undefined {
  const known = built.get(name);
  if (known) return known;
  const row = Object.hasOwn(r4().types, name) ? r4().types[name] : undefined;
  if (!row || (row.abstract && row.resource)) return undefined;
  const made = build(name, row);
  built.set(name, made);
  return made;
}

/** The definition of the resource type a value claims to be. */
export function resourceDefinition(value: unknown): TypeDefinition | undefined {
  const type = (value as { resourceType?: unknown } | null)?.resourceType;
  const definition = typeof type === 'string' ? definitionOf(type) : undefined;
  return definition?.resource ? definition : undefined;
}

/** Every resource type of R4. */
export const resourceTypes = (): string[] =>
  Object.entries(r4().types).flatMap(([name, row]) => (row.resource && !row.abstract ? [name] : []));
