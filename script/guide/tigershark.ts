import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ElementType, ElementUse, LoopUse, SegmentUse, Usage, Use } from '../../src/x12/guide.ts';

/** A value of the Python source: calls, lists, texts and numbers are all that the parsers are written with. */
type Value = string | number | Value[] | Call;
interface Call {
  readonly name: string;
  readonly positional: readonly Value[];
  readonly named: Readonly<Record<string, Value>>;
}

const isCall = (value: Value | undefined): value is Call =>
  typeof value === 'object' && !Array.isArray(value) && 'positional' in value;

/** Reads the assignments of one parser module: `parsed_271_2100A = Loop(…)`. */
class Source {
  readonly #tokens: string[];
  #at = 0;
  readonly #defined = new Map<string, Value>();

  constructor(text: string) {
    const code = text.replace(/^#.*$/gm, '').replace(/^from .*$/gm, '');
    this.#tokens = code.match(/u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"|[A-Za-z_][\w]*|\d+|[()[\],=]/g) ?? [];
    let last: Value | undefined;
    while (this.#at < this.#tokens.length) {
      const name = this.#take();
      this.#expect('=');
      last = this.#value();
      this.#defined.set(name, last);
    }
    if (!isCall(last)) throw new Error('The module defines no message.');
    this.message = last;
  }

  readonly message: Call;

  #take(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error('The module ends in the middle.');
    return token;
  }

  #expect(token: string): void {
    const found = this.#take();
    if (found !== token) throw new Error(`expected ${token}, found ${found}`);
  }

  #list(end: string): Value[] {
    const values: Value[] = [];
    while (this.#tokens[this.#at] !== end) {
      values.push(this.#value());
      if (this.#tokens[this.#at] === ',') this.#at++;
    }
    this.#at++;
    return values;
  }

  #value(): Value {
    const token = this.#take();
    if (token === '[') return this.#list(']');
    if (token === '(') return this.#list(')');
    if (/^\d+$/.test(token)) return Number(token);
    const quoted = /^u?['"]([\s\S]*)['"]$/.exec(token);
    if (quoted !== null) return (quoted[1] ?? '').replace(/\\(.)/g, '$1');
    if (this.#tokens[this.#at] !== '(') return this.#defined.get(token) ?? token;
    this.#at++;
    const positional: Value[] = [];
    const named: Record<string, Value> = {};
    while (this.#tokens[this.#at] !== ')') {
      if (this.#tokens[this.#at + 1] === '=') {
        const key = this.#take();
        this.#at++;
        named[key] = this.#value();
      } else positional.push(this.#value());
      if (this.#tokens[this.#at] === ',') this.#at++;
    }
    this.#at++;
    return { name: token, positional, named };
  }
}

function parts(call: Call): {
  id: string;
  text: (name: string) => string;
  codes: string[];
  type: string[];
  inner: Call[];
} {
  const [id, properties, ...inner] = call.positional;
  const named = isCall(properties) ? properties.named : {};
  const texts = (name: string): string[] => {
    const value = named[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  return {
    id: typeof id === 'string' ? id : '',
    text: (name) => {
      const value = named[name];
      return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    },
    codes: texts('codes'),
    type: texts('data_type'),
    inner: inner.filter(isCall),
  };
}

function usageOf(text: string): Usage {
  if (text === 'R' || text === 'S' || text === 'N') return text;
  throw new Error(`unknown usage ${text}`);
}

const types: readonly ElementType[] = ['AN', 'ID', 'DT', 'TM', 'N0', 'N2', 'R', 'B'];
const countOf = (text: string): number | null => (text === '>1' ? null : Number(text || '1'));

function elementUse(call: Call, numberOf: ReadonlyMap<string, string>): ElementUse {
  const { id, text, codes, type, inner } = parts(call);
  const base = { name: text('desc'), usage: usageOf(text('req_sit')) };
  if (call.name === 'Composite')
    return { ...base, number: id, components: inner.map((part) => elementUse(part, numberOf)) };
  const number = numberOf.get(id);
  const found = types.find((name) => name === type[0]);
  if (found === undefined) throw new Error(`unknown data type of ${id}`);
  return {
    ...base,
    ...(number === undefined ? {} : { number }),
    type: found,
    min: Number(type[1]),
    max: Number(type[2]),
    ...(codes.length === 0 ? {} : { codes }),
  };
}

function use(call: Call, numberOf: ReadonlyMap<string, string>): Use[] {
  const { id, text, inner } = parts(call);
  const head = {
    id,
    name: text('desc'),
    position: Number(text('position')),
    usage: usageOf(text('req_sit')),
  };
  if (call.name === 'Segment') {
    const syntax = text('syntax').split(' ').filter(Boolean);
    const segment: SegmentUse = {
      ...head,
      repeat: countOf(text('repeat')),
      elements: inner.map((element) => elementUse(element, numberOf)),
      ...(syntax.length === 0 ? {} : { syntax }),
    };
    return [segment];
  }
  const content = inner.flatMap((each) => use(each, numberOf));
  if (!/^\d/.test(id)) return content;
  const loop: LoopUse = { ...head, repeat: countOf(text('repeat')), content };
  return [loop];
}

/** All uses of one parser module. The modules name no data element numbers: they come by the element's id. */
export function readTigerShark(folder: string, file: string, numberOf: ReadonlyMap<string, string>): Use[] {
  const { message } = new Source(readFileSync(join(folder, file), 'utf8'));
  return parts(message).inner.flatMap((call) => use(call, numberOf));
}
