import { Ajv, _, type AnySchemaObject, type KeywordDefinition } from 'ajv';
import {
  definitionOf,
  codesOf,
  resourceDefinition,
  type Element,
  type TypeDefinition,
} from './definition.ts';
import { integersOf, isWrittenWhole } from './integer.ts';
import { primitives } from './primitive.ts';

/** How many elements may be nested. Deeper ones are refused before they can exhaust the stack. */
export const deepest = 100;

type Check = (value: unknown) => boolean;
let depth = 0;

const checks = new Map<string, Check>();
/** Whether a value is a sound element of a type. Its schema is compiled at the first call, once. */
function checkOf(type: string): Check {
  const known = checks.get(type);
  if (known) return known;
  let compiled: Check | undefined;
  const check: Check = (value) => {
    if (depth >= deepest) return false;
    compiled ??= compile(type);
    depth += 1;
    const sound = compiled(value);
    depth -= 1;
    return sound;
  };
  checks.set(type, check);
  return check;
}

/** Whether a value is a structurally sound resource: R4 elements only, each of its type and cardinality. */
export function isSound(resource: unknown): boolean {
  const definition = resourceDefinition(resource);
  return definition !== undefined && checkOf(definition.name)(resource);
}

/** A keyword of ours whose value names a check; the compiled schema calls it directly. */
const keyword = (name: string, find: (schema: string) => Check, type?: 'object'): KeywordDefinition => ({
  keyword: name,
  ...(type ? { type } : {}), // asked only of what is an object
  schemaType: 'string',
  code(cxt) {
    const check = cxt.gen.scopeValue('func', { ref: find(cxt.schema as string) });
    cxt.fail(_`!${check}(${cxt.data})`);
  },
});

/** At least one property of each group, where R4 has min 1. A primitive may have only its extensions. */
const atLeastOne: KeywordDefinition = {
  keyword: 'atLeastOne',
  type: 'object',
  schemaType: 'array',
  code(cxt) {
    for (const group of cxt.schema as string[][])
      cxt.fail(group.map((key) => _`${cxt.data}[${key}] === undefined`).reduce((a, b) => _`${a} && ${b}`));
  },
};

type Holder = Readonly<Record<string, unknown>>;

/** At most one type of each [x]. */
function oneOfEach(choices: ReadonlyMap<string, string>, value: Holder): boolean {
  const taken = new Map<string, string>();
  for (const key in value) {
    const name = choices.get(key);
    if (name === undefined) continue;
    const plain = key.startsWith('_') ? key.slice(1) : key;
    if ((taken.get(name) ?? plain) !== plain) return false;
    taken.set(name, plain);
  }
  return true;
}

/** A list of primitives beside the list of their extensions: equally long, never null in both or without the other. */
export function paired(values: unknown, extensions: unknown): boolean {
  if (extensions === undefined) return !Array.isArray(values) || !values.includes(null);
  if (!Array.isArray(extensions)) return false;
  if (values === undefined) return !extensions.includes(null);
  if (!Array.isArray(values) || values.length !== extensions.length) return false;
  return values.every((value, i) => value !== null || extensions[i] !== null);
}

// Its own pass over the code it has written takes two fifths of the time of compiling and gains nothing measurable.
const ajv = new Ajv({
  validateSchema: false,
  strict: true,
  addUsedSchema: false,
  messages: false,
  code: { optimize: false },
});
ajv.addKeyword(keyword('primitive', (name) => primitives[name]?.is ?? (() => false)));
ajv.addKeyword(
  keyword('primitiveOrNull', (name) => (value) => value === null || primitives[name]?.is(value) === true),
);
ajv.addKeyword(
  keyword('bound', (name) => {
    const codes = codesOf(name);
    return (value) => codes.has(value as string);
  }),
);
ajv.addKeyword(keyword('element', checkOf));
ajv.addKeyword(keyword('elementOrNull', (name) => (value) => value === null || checkOf(name)(value)));
ajv.addKeyword(keyword('resource', () => isSound));
ajv.addKeyword(atLeastOne);
const choicesOf = (name: string): ReadonlyMap<string, string> =>
  definitionOf(name)?.choices ?? new Map<string, string>();
ajv.addKeyword(
  keyword(
    'oneOfEach',
    (name) => {
      const choices = choicesOf(name);
      return (value) => oneOfEach(choices, value as Holder);
    },
    'object',
  ),
);
ajv.addKeyword(
  keyword(
    'paired',
    (key) => (value) => paired((value as Holder)[key], (value as Holder)[`_${key}`]),
    'object',
  ),
);

ajv.addKeyword(
  keyword(
    'invariants',
    (name) => {
      const rules = definitionOf(name)?.invariants ?? [];
      return (value) => rules.every((rule) => rule.holds(value as Holder));
    },
    'object',
  ),
);

ajv.addKeyword(
  keyword(
    'integers',
    (name) => {
      const definition = definitionOf(name);
      const keys = definition ? integersOf(definition) : [];
      return (value) => keys.every((key) => isWrittenWhole(value as Holder, key));
    },
    'object',
  ),
);

const list = (items: AnySchemaObject): AnySchemaObject => ({ type: 'array', minItems: 1, items });

/** The schema of an element's value, and of the extensions of a primitive. */
function properties(element: Element): Record<string, AnySchemaObject> {
  const { key, type, primitive, valueSet } = element;
  if (!primitive) {
    const one = type === 'Resource' ? { resource: type } : { element: type };
    return { [key]: element.list ? list(one) : one };
  }
  if (element.list) {
    const one =
      valueSet === undefined ? { primitiveOrNull: type } : { anyOf: [{ bound: valueSet }, { enum: [null] }] };
    return { [key]: list(one), [`_${key}`]: list({ elementOrNull: 'Element' }) };
  }
  const one = valueSet === undefined ? { primitive: type } : { bound: valueSet };
  return { [key]: one, [`_${key}`]: { element: 'Element' } };
}

function schemaOf(definition: TypeDefinition): AnySchemaObject {
  const elements = [...definition.elements.values()];
  const pairs = elements.filter((e) => e.list && e.primitive).map((e) => ({ paired: e.key }));
  const atLeastOneOf = definition.required.map((group) =>
    group.flatMap((e) => (e.primitive ? [e.key, `_${e.key}`] : [e.key])),
  );
  return {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: Object.assign(
      definition.resource ? { resourceType: { const: definition.name } } : {},
      ...elements.map(properties),
    ) as AnySchemaObject,
    ...(atLeastOneOf.length > 0 ? { atLeastOne: atLeastOneOf } : {}),
    ...(definition.choices.size > 0 ? { oneOfEach: definition.name } : {}),
    ...(integersOf(definition).length > 0 ? { integers: definition.name } : {}),
    ...(definition.invariants.length > 0 ? { invariants: definition.name } : {}),
    ...(pairs.length > 0 ? { allOf: pairs } : {}),
  };
}

/** See https://hl7.org/fhir/R4/json.html */
function compile(type: string): Check {
  const definition = definitionOf(type);
  if (!definition) throw new Error(`no definition of ${type}`);
  return ajv.compile(schemaOf(definition));
}
