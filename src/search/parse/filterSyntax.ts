import { badRequest } from '../../outcome/fhirError.ts';
import { deepest } from './scope.ts';

/** The syntax of _filter as a tree; what names and operators mean is asked later. */
export type FilterTree =
  | { readonly is: 'and' | 'or'; readonly of: readonly FilterTree[] }
  | { readonly is: 'not'; readonly of: FilterTree }
  | FilterTest;
export interface FilterTest {
  readonly is: 'test';
  readonly path: readonly FilterStep[];
  readonly operator: string;
  readonly value: string;
}
/** `name` or `name[filter]`. */
export interface FilterStep {
  readonly name: string;
  readonly where?: FilterTree;
}

const space = /\s*/y;
const name = /[A-Za-z_][A-Za-z0-9_-]*/y;
const value = /"(?:[^"\\]|\\.)*"|[^\s)\]"][^\s)\]]*/y;

/**
 * Reads a filter. `and` and `or` are taken from left to right, none before the other.
 * See https://hl7.org/fhir/R4/search_filter.html
 */
export function readFilter(text: string): FilterTree {
  const reader = new FilterReader(text);
  const tree = reader.filter(0);
  reader.end();
  return tree;
}

class FilterReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  filter(depth: number): FilterTree {
    if (depth > deepest) throw badRequest('too-deep', `Parentheses in _filter go at most ${deepest} deep`);
    let tree = this.#term(depth);
    for (let turns = 0; ;) {
      const word = this.#word();
      if (word !== 'and' && word !== 'or') {
        this.#at -= word.length;
        return tree;
      }
      const next = this.#term(depth);
      if (tree.is === word) tree = { is: word, of: [...tree.of, next] };
      else {
        if (turns++ + depth > deepest)
          throw badRequest(
            'too-deep',
            `_filter turns between and and or at most ${deepest} times: use parentheses`,
          );
        tree = { is: word, of: [tree, next] };
      }
    }
  }

  end(): void {
    this.#take(space);
    if (this.#at < this.#text.length) throw this.#fault('and, or, or the end');
  }

  #term(depth: number): FilterTree {
    if (this.#sign('(')) return this.#closed(')', depth);
    const from = this.#at;
    if (this.#word() === 'not' && this.#sign('(')) return { is: 'not', of: this.#closed(')', depth) };
    this.#at = from;
    return this.#test(depth);
  }

  #closed(close: ')' | ']', depth: number): FilterTree {
    const tree = this.filter(depth + 1);
    if (!this.#sign(close)) throw this.#fault(`a closing ${close}`);
    return tree;
  }

  #test(depth: number): FilterTree {
    const path: FilterStep[] = [];
    do {
      const step = this.#word();
      if (step === '') throw this.#fault('the name of a search parameter');
      const where = this.#next('[') ? this.#closed(']', depth) : undefined;
      path.push(where ? { name: step, where } : { name: step });
      if (where && this.#text[this.#at] !== '.') throw this.#fault('. and a name after ]');
    } while (this.#next('.'));
    const operator = this.#word();
    this.#take(space);
    const [found] = this.#take(value) ?? [];
    if (operator === '' || found === undefined) throw this.#fault('an operator and a value');
    return { is: 'test', path, operator, value: found.startsWith('"') ? this.#unquoted(found) : found };
  }

  #unquoted(text: string): string {
    try {
      return JSON.parse(text) as string;
    } catch {
      throw this.#fault('a string as JSON writes it');
    }
  }

  #word(): string {
    this.#take(space);
    return this.#take(name)?.[0] ?? '';
  }

  /** Takes a sign, after white space. */
  #sign(sign: string): boolean {
    this.#take(space);
    return this.#next(sign);
  }

  #next(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #fault(expected: string): Error {
    return badRequest('malformed-filter', `_filter has at character ${this.#at + 1} not ${expected}`);
  }
}
