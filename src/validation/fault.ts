import {
  invalid,
  invariant,
  missing,
  structural,
  unknownCode,
  wrongValue,
  type Issue,
} from '../outcome/issue.ts';
import { definitionOf, resourceDefinition, type Element, type TypeDefinition } from './definition.ts';
import { integersOf, isWrittenWhole } from './integer.ts';
import { deepest, paired } from './structure.ts';

/** How many faults are told at once. */
export const faultsMax = 100;

type Holder = Readonly<Record<string, unknown>>;
interface Place {
  readonly path: string; // FHIRPath
  readonly depth: number;
}

const isHolder = (value: unknown): value is Holder =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
/** A property as a step of a FHIRPath; what is no name there is quoted, and cut when long. */
const step = (key: string): string =>
  isName.test(key) ? key : `\`${key.slice(0, 64).replaceAll(/[`\\\p{Cc}]/gu, '?')}\``;

const kind = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};

/**
 * Tells every structural fault of a value that is not sound, in the order of the document, at most `faultsMax`.
 * isSound decides; this explains. Texts hold what was expected, never the value.
 */
export function* faults(value: unknown, definition: TypeDefinition, at: Place): Generator<Issue> {
  let sound = true;
  for (const fault of structureFaults(value, definition, at)) {
    sound = false;
    yield fault;
  }
  if (sound) yield* broken(value as Holder, definition, at.path);
}

/** The rules of R4 that a value breaks whose structure is sound. */
function* broken(value: Holder, definition: TypeDefinition, path: string): Generator<Issue> {
  for (const { key, at: element, text, holds } of definition.invariants)
    if (!holds(value)) yield invariant(key, element === undefined ? path : `${path}.${element}`, text);
}

function* structureFaults(value: unknown, definition: TypeDefinition, at: Place): Generator<Issue> {
  const { path } = at;
  if (!isHolder(value)) {
    if (Array.isArray(value)) yield invalid('wrong-cardinality', path, 'is one element, not a list');
    else yield wrongValue('wrong-type', path, `must be an object, not ${kind(value)}`);
    return;
  }
  if (at.depth >= deepest) {
    yield structural('too-deep', path, `more than ${deepest} elements are nested`);
    return;
  }
  const keys = Object.keys(value);
  if (keys.length === 0) yield structural('empty-element', path, 'must not be empty');
  for (const key of keys) yield* property(value, key, definition, at);
  for (const key of integersOf(definition))
    if (!isWrittenWhole(value, key))
      yield wrongValue(
        'wrong-format',
        `${path}.${key}`,
        'must be a whole number, written without a decimal point',
      );
  for (const group of definition.required) {
    const there = group.some(
      (e) => value[e.key] !== undefined || (e.primitive && value[`_${e.key}`] !== undefined),
    );
    if (!there) yield missing('missing-element', `${path}.${group[0]?.name ?? ''}`, expectedOf(group));
  }
  yield* doubleChoices(keys, definition, path);
}

function expectedOf(group: readonly Element[]): string {
  if (group[0]?.choice === true) return `is required: one of ${group.map((e) => e.key).join(', ')}`;
  return 'is required';
}

function* doubleChoices(keys: readonly string[], definition: TypeDefinition, path: string): Generator<Issue> {
  const taken = new Map<string, Set<string>>();
  for (const key of keys) {
    const name = definition.choices.get(key);
    if (name !== undefined) taken.set(name, (taken.get(name) ?? new Set()).add(key.replace(/^_/, '')));
  }
  for (const [name, types] of taken)
    if (types.size > 1)
      yield structural('two-choices', `${path}.${name}`, `is one of ${[...types].join(', ')}, not several`);
}

function* property(holder: Holder, key: string, definition: TypeDefinition, at: Place): Generator<Issue> {
  const value = holder[key];
  if (key === 'resourceType' && definition.resource) return;
  const own = definition.elements.get(key);
  const extended = own || !key.startsWith('_') ? undefined : definition.elements.get(key.slice(1));
  const element = own ?? (extended?.primitive ? extended : undefined);
  if (!element) {
    const expression = `${at.path}.${step(key)}`;
    yield structural('unknown-element', expression, `${definition.name} has no such element`);
    return;
  }
  const path = `${at.path}.${element.name}${element.choice ? `.ofType(${element.type})` : ''}`;
  if (!element.list) {
    yield* one(value, element, own !== undefined, { path, depth: at.depth + 1 });
    return;
  }
  if (!Array.isArray(value)) {
    yield invalid('wrong-cardinality', path, `is a list of ${element.type}, not ${kind(value)}`);
    return;
  }
  if (value.length === 0) yield structural('empty-element', path, 'must not be an empty list');
  const twin = `_${element.key}`;
  if (
    element.primitive &&
    (own || holder[element.key] === undefined) &&
    !paired(holder[element.key], holder[twin])
  )
    yield invalid(
      'wrong-cardinality',
      path,
      `and ${twin} must be equally long, null only where the other is not`,
    );
  for (const [i, item] of value.entries())
    if (item !== null || !element.primitive)
      yield* one(item, element, own !== undefined, { path: `${path}[${i}]`, depth: at.depth + 1 });
}

/** One value of an element, or the extensions of a primitive. */
function* one(value: unknown, element: Element, own: boolean, at: Place): Generator<Issue> {
  if (element.type === 'Resource') {
    yield* resourceFaults(value, at);
  } else if (element.primitive && own) {
    yield* primitiveFaults(value, element, at.path);
  } else {
    const definition = definitionOf(own ? element.type : 'Element');
    if (definition) yield* faults(value, definition, at);
  }
}

function* primitiveFaults(
  value: unknown,
  { primitive, type, codes }: Element,
  path: string,
): Generator<Issue> {
  if (!primitive) return;
  if (Array.isArray(value)) {
    yield invalid('wrong-cardinality', path, `is one ${type}, not a list`);
  } else if (typeof value !== primitive.json) {
    yield wrongValue(
      'wrong-type',
      path,
      `must be ${primitive.expected} (a JSON ${primitive.json}), not ${kind(value)}`,
    );
  } else if (codes && !codes.has(value as string)) {
    const known = [...codes];
    const shown = known.length > 20 ? `one of the ${known.length} codes of its value set` : known.join(' | ');
    yield unknownCode('unknown-code', path, `must be ${shown}`);
  } else if (value === '') {
    yield structural('empty-element', path, 'must not be empty');
  } else if (!primitive.is(value)) {
    yield wrongValue('wrong-format', path, `must be ${primitive.expected}`);
  }
}

/** A resource by its own type: on its own, contained, or in a Bundle or Parameters. */
export function* resourceFaults(value: unknown, at: Place): Generator<Issue> {
  const definition = resourceDefinition(value);
  if (definition) {
    yield* faults(value, definition, at);
  } else if (!isHolder(value)) {
    yield wrongValue('wrong-type', at.path, `must be a resource, not ${kind(value)}`);
  } else if (value.resourceType === undefined) {
    yield missing('missing-element', `${at.path}.resourceType`, 'is required');
  } else {
    yield structural('unknown-resource-type', `${at.path}.resourceType`, 'must be a resource type of R4');
  }
}
