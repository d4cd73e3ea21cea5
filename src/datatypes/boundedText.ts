import {
  FunctionAtom,
  type Atom,
  type AtomContext,
  type InfixParselet,
  OperatorPrecedence,
  SymbolAtom,
  type TypedValue,
} from '@medplum/core';
import { linearPattern } from './linearPattern.ts';

/** Most characters of a text that is searched, and of what replacing may make of it. */
const textMax = 1_000_000;
const replacedMax = 10_000_000;

/** Functions of FHIRPath on one text and the texts of their arguments. */
const functions = {
  matches: (text, pattern) => linearPattern(pattern).test(text),
  matchesFull: (text, pattern) => linearPattern(`^(?:${pattern})$`).test(text),
  replace: (text, pattern, by) => text.replaceAll(pattern, () => by),
  replaceMatches: (text, pattern, by) =>
    text.replaceAll(linearPattern(pattern, 'g'), by.replaceAll(/\$\{(\w+)\}/g, '$<$1>')),
} satisfies Readonly<Record<string, (text: string, pattern: string, by: string) => string | boolean>>;

type Name = keyof typeof functions;
const isName = (name: string): name is Name => Object.hasOwn(functions, name);

class OnText implements Atom {
  readonly #name: Name;
  readonly #args: readonly Atom[];

  constructor(name: Name, args: readonly Atom[]) {
    this.#name = name;
    this.#args = args;
  }

  eval(context: AtomContext, input: TypedValue[]): TypedValue[] {
    const [first, ...others] = input;
    if (!first) return [];
    if (others.length > 0) throw new Error(`${this.#name} is for one text`);
    const [pattern, by] = this.#args.map((arg) => arg.eval(context, input)[0]?.value as unknown);
    const text: unknown = first.value;
    if (typeof text !== 'string' || typeof pattern !== 'string') return [];
    const isReplacing = this.#name.startsWith('replace');
    if (isReplacing && typeof by !== 'string') return [];
    const put = typeof by === 'string' ? by : '';
    if (text.length > textMax || (text.length + 1) * (put.length + 1) > replacedMax)
      throw new Error(`${this.#name} is for shorter texts`);
    const value = functions[this.#name](text, pattern, put);
    return [{ type: typeof value, value }];
  }

  toString(): string {
    return `${this.#name}(${this.#args.map(String).join(', ')})`;
  }
}

/**
 * Calls of functions in FHIRPath: those that search a text or replace in it are bounded, others are as `call` makes them.
 * A thread that is at a pattern which tries and tries again, or replaces in a text of many millions, cannot be stopped,
 * not even by ending it: neither asks whether it should. So patterns are linear, and texts of bounded length.
 */
export const boundedCalls = (
  call: (name: string, args: Atom[]) => Atom = (name, args) => new FunctionAtom(name, args),
): InfixParselet => ({
  precedence: OperatorPrecedence.FunctionCall,
  parse: (parser, left) => {
    if (!(left instanceof SymbolAtom)) throw new Error('parentheses stand where no function is');
    const args: Atom[] = [];
    while (!parser.match(')')) {
      args.push(parser.consumeAndParse());
      parser.match(',');
    }
    return isName(left.name) ? new OnText(left.name, args) : call(left.name, args);
  },
});
