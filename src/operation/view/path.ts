import {
  FunctionAtom,
  initFhirPathParserBuilder,
  SymbolAtom,
  Tokenizer,
  toTypedValue,
  type Atom,
  type AtomContext,
  type TypedValue,
} from '@medplum/core';
import { boundedCalls } from '../../datatypes/boundedText.ts';
import { boundary } from './boundary.ts';

/** A FHIRPath expression of a view that can be evaluated. */
export type Path = Atom;

export type Variables = AtomContext['variables'];

/** What is wrong with an expression. */
export class PathError extends Error {}

/** What %names every expression may ask for. */
const always = ['%rowIndex', '%context', '%resource', '%rootResource', '%ucum', '%sct', '%loinc'];

/** A function that SQL on FHIR or FHIRPath has and the engine has not. */
class OwnFunction implements Atom {
  readonly #name: keyof typeof own;
  readonly #args: readonly Atom[];

  constructor(name: keyof typeof own, args: readonly Atom[]) {
    this.#name = name;
    this.#args = args;
  }

  eval(_context: AtomContext, input: TypedValue[]): TypedValue[] {
    return own[this.#name](input, this.#args);
  }

  toString(): string {
    return `${this.#name}()`;
  }
}

type OwnRun = (input: readonly TypedValue[], args: readonly Atom[]) => TypedValue[];

const own = {
  getResourceKey: (input) => input.flatMap(({ value }) => textOf(fieldOf(value, 'id'))),
  getReferenceKey: (input, args) => {
    const [type] = args;
    const wanted = type instanceof SymbolAtom ? type.name : undefined;
    if (type && wanted === undefined) throw new PathError('getReferenceKey takes a resource type');
    return input.flatMap(({ value }) => referenceKey(fieldOf(value, 'reference'), wanted));
  },
  trace: (input) => [...input], // nothing of a chart is printed
  lowBoundary: (input) => input.flatMap((one) => boundary(one, 'low') ?? []),
  highBoundary: (input) => input.flatMap((one) => boundary(one, 'high') ?? []),
} satisfies Readonly<Record<string, OwnRun>>;

const isOwn = (name: string): name is keyof typeof own => Object.hasOwn(own, name);

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const textOf = (value: unknown): TypedValue[] =>
  typeof value === 'string' ? [{ type: 'string', value }] : [];

/** The id of a literal reference: relative, or absolute; of the wanted type where one is wanted. */
function referenceKey(reference: unknown, wanted: string | undefined): TypedValue[] {
  if (typeof reference !== 'string') return [];
  const [, type, id] =
    /(?:^|\/)([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(reference) ?? [];
  if (id === undefined || (wanted !== undefined && wanted !== type)) return [];
  return textOf(id);
}

const keywords = ['true', 'false'];
const operators = ['!=', '!~', '<=', '>=', '{}', '->'];

/** Reads an expression; a PathError where it is none, or asks for a %name that nobody has said. */
export function parsePath(text: string, constants: readonly string[]): Path {
  const names: string[] = [];
  const builder = initFhirPathParserBuilder()
    .registerPrefix('Symbol', {
      parse: (_, { value }) => {
        names.push(value);
        return new SymbolAtom(value);
      },
    })
    .registerInfix(
      '(',
      boundedCalls((name, args) => (isOwn(name) ? new OwnFunction(name, args) : called(name, args))),
    );
  try {
    const parser = builder.construct(new Tokenizer(text, keywords, operators).tokenize());
    const path = parser.consumeAndParse();
    if (parser.hasMore()) throw new PathError('there is more after its end');
    const foreign = names.find(
      (name) => name.startsWith('%') && !always.includes(name) && !constants.includes(name),
    );
    if (foreign !== undefined) throw new PathError('it names a constant that the view has not');
    return path;
  } catch (error) {
    if (error instanceof PathError) throw error;
    throw new PathError('it is no FHIRPath expression');
  }
}

/** A function of the engine; an unknown one is known by that the engine refuses it. */
function called(name: string, args: Atom[]): Atom {
  const made = new FunctionAtom(name, args);
  try {
    made.eval({ variables: {} }, []);
  } catch (error) {
    if (error instanceof Error && /unrecognized function/i.test(error.message))
      throw new PathError('it calls a function that is not known here');
  }
  return made;
}

/** What an expression finds at a node. */
export function evaluatePath(path: Path, node: TypedValue, variables: Variables): readonly TypedValue[] {
  const context = { variables: { ...variables, $this: node, '%context': node } };
  return path.eval(context, [node]).filter(({ value }) => value !== undefined && value !== null);
}

export const typedOf = (resource: unknown): TypedValue => toTypedValue(resource);
