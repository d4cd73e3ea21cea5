/**
 * The part of FHIRPath that search expressions use, compiled to closures.
 * See https://hl7.org/fhir/R4/search.html#table and https://hl7.org/fhirpath/N1/
 */
type Node =
  | { readonly is: 'root' | 'resource' }
  | { readonly is: 'literal'; readonly value: string | boolean }
  | { readonly is: 'name'; readonly of: Node; readonly name: string }
  | { readonly is: 'index'; readonly of: Node; readonly at: number }
  | { readonly is: 'where'; readonly of: Node; readonly test: Node }
  | { readonly is: 'type'; readonly of: Node; readonly type: string }
  | { readonly is: 'refersTo'; readonly of: Node; readonly type: string }
  | { readonly is: 'extension'; readonly of: Node; readonly url: string }
  | { readonly is: 'exists'; readonly of: Node }
  | { readonly is: 'union' | 'and' | 'equal' | 'unequal'; readonly left: Node; readonly right: Node };

export type Visit = (value: unknown) => void;
/** The types of each choice element: value → Quantity, String, … */
export type Choices = Readonly<Record<string, readonly string[]>>;
/** The value of %resource, for an expression that starts at an element of it. */
export interface Whole {
  resource?: unknown;
}
interface Terms {
  readonly choices: Choices;
  readonly whole: Whole;
}

const token = /\s*(?:'([^']*)'|(%?[A-Za-z_][A-Za-z0-9_]*)|(\d+)|(!=|[.|()[\]=]))/y;
type Token = { readonly kind: 'text' | 'name' | 'number' | 'sign'; readonly text: string } | undefined;

function tokens(expression: string): Token[] {
  const found: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < expression.trimEnd().length) {
    const [, text, name, number, sign] = token.exec(expression) ?? fail(expression);
    if (text !== undefined) found.push({ kind: 'text', text });
    else if (name !== undefined) found.push({ kind: 'name', text: name });
    else if (number !== undefined) found.push({ kind: 'number', text: number });
    else found.push({ kind: 'sign', text: sign ?? '' });
  }
  return found;
}

const fail = (expression: string): never => {
  throw new Error(`search expression not understood: ${expression}`);
};

/** Reads tokens one after the other. */
function reader(expression: string): {
  readonly take: (text: string) => boolean;
  readonly need: (text: string) => void;
  readonly next: () => NonNullable<Token>;
  readonly done: () => boolean;
} {
  const list = tokens(expression);
  let at = 0;
  const take = (text: string): boolean => {
    const found = list[at];
    const hit = found?.text === text && found.kind !== 'text';
    if (hit) at++;
    return hit;
  };
  return {
    take,
    need: (text) => {
      if (!take(text)) fail(expression);
    },
    next: () => list[at++] ?? fail(expression),
    done: () => at === list.length,
  };
}

function parse(expression: string): Node {
  const { take, need, next, done } = reader(expression);
  const word = (): string => next().text;

  const and = (): Node => {
    let left = equality();
    while (take('and')) left = { is: 'and', left, right: equality() };
    return left;
  };
  const equality = (): Node => {
    const left = union();
    if (take('=')) return { is: 'equal', left, right: union() };
    return take('!=') ? { is: 'unequal', left, right: union() } : left;
  };
  const union = (): Node => {
    let left = typed();
    while (take('|')) left = { is: 'union', left, right: typed() };
    return left;
  };
  const typed = (): Node => {
    const of = path();
    if (take('as')) return { is: 'type', of, type: word() };
    return take('is') ? { is: 'refersTo', of, type: word() } : of;
  };
  const path = (): Node => {
    let of = term();
    for (;;) {
      if (take('.')) of = step(of, word());
      else if (take('[')) {
        of = { is: 'index', of, at: Number(word()) };
        need(']');
      } else return of;
    }
  };
  const term = (): Node => {
    if (take('(')) {
      const inner = and();
      need(')');
      return inner;
    }
    const { kind, text } = next();
    if (kind === 'text') return { is: 'literal', value: text };
    if (text === 'true' || text === 'false') return { is: 'literal', value: text === 'true' };
    if (kind !== 'name') return fail(expression);
    if (text === '%resource') return { is: 'resource' };
    if (text.startsWith('%')) return fail(expression);
    return /^[A-Z]/.test(text) ? { is: 'root' } : step({ is: 'root' }, text);
  };
  const step = (of: Node, name: string): Node => {
    if (!take('(')) return { is: 'name', of, name };
    const node = call(of, name);
    need(')');
    return node;
  };
  const call = (of: Node, name: string): Node => {
    if (name === 'where') return { is: 'where', of, test: and() };
    if (name === 'as' || name === 'ofType') return { is: 'type', of, type: word() };
    if (name === 'extension') return { is: 'extension', of, url: word() };
    if (name === 'exists') return { is: 'exists', of };
    return name === 'resolve' ? of : fail(expression); // what it resolves to is asked by `is` only
  };
  const all = and();
  return done() ? all : fail(expression);
}

const each = (value: unknown, next: Visit): void => {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (item !== null) next(item);
  } else next(value);
};

const step =
  (name: string, next: Visit): Visit =>
  (value) => {
    if (typeof value === 'object' && value !== null) each((value as Record<string, unknown>)[name], next);
  };

const capital = (type: string): string => type.slice(0, 1).toUpperCase() + type.slice(1);

/** True when a Reference (or canonical, or URL) names a resource of the type. */
function refersTo(value: unknown, type: string): boolean {
  const reference = typeof value === 'object' && value !== null ? (value as { reference?: unknown }) : {};
  const text = typeof value === 'string' ? value : reference.reference;
  if (typeof text === 'string') {
    const at = text.indexOf(`${type}/`);
    if (at === 0 || (at > 0 && text[at - 1] === '/')) return true;
  }
  return (value as { type?: unknown }).type === type;
}

/** The values of a node, first to last, for the few places that need them at once. */
function values(node: Node, terms: Terms): (value: unknown) => unknown[] {
  let found: unknown[] = [];
  const visit = compile(node, terms, (item) => found.push(item));
  return (value) => {
    found = [];
    visit(value);
    return found;
  };
}

function compile(node: Node, terms: Terms, next: Visit): Visit {
  switch (node.is) {
    case 'root':
      return next;
    case 'resource':
      return () => {
        each(terms.whole.resource, next);
      };
    case 'literal':
      return () => {
        next(node.value);
      };
    case 'name': {
      const names = [node.name, ...(terms.choices[node.name] ?? []).map((type) => node.name + capital(type))];
      const steps = names.map((name) => step(name, next));
      const [only] = steps;
      if (steps.length === 1 && only) return compile(node.of, terms, only);
      return compile(node.of, terms, (value) => {
        for (const visit of steps) visit(value);
      });
    }
    case 'type': {
      if (node.of.is !== 'name' || !terms.choices[node.of.name]?.includes(capital(node.type)))
        throw new Error(`${node.type} is no type of a choice element`);
      return compile(node.of.of, terms, step(node.of.name + capital(node.type), next));
    }
    case 'extension':
      return compile(
        node.of,
        terms,
        step('extension', (value) => {
          if ((value as { url?: unknown }).url === node.url) next(value);
        }),
      );
    case 'union': {
      const [left, right] = [compile(node.left, terms, next), compile(node.right, terms, next)];
      return (value) => {
        left(value);
        right(value);
      };
    }
    case 'index': {
      const of = values(node.of, terms);
      return (value) => {
        each(of(value)[node.at], next);
      };
    }
    case 'where': {
      const test = truth(node.test, terms);
      return compile(node.of, terms, (value) => {
        if (test(value) === true) next(value);
      });
    }
    default: {
      const test = truth(node, terms);
      return (value) => {
        const said = test(value);
        if (said !== undefined) next(said);
      };
    }
  }
}

/**
 * What a node that answers yes or no answers for a value; undefined where it answers nothing, as a comparison with
 * nothing does. See https://hl7.org/fhirpath/N1/#equality
 */
function truth(node: Node, terms: Terms): (value: unknown) => boolean | undefined {
  switch (node.is) {
    case 'refersTo': {
      const of = values(node.of, terms);
      return (value) => of(value).some((item) => refersTo(item, node.type));
    }
    case 'exists': {
      const of = values(node.of, terms);
      return (value) => of(value).length > 0;
    }
    case 'and': {
      const [left, right] = [truth(node.left, terms), truth(node.right, terms)];
      return (value) => {
        const [a, b] = [left(value), right(value)];
        return a === false || b === false ? false : a === undefined || b === undefined ? undefined : true;
      };
    }
    case 'equal':
    case 'unequal': {
      const [left, right] = [values(node.left, terms), values(node.right, terms)];
      return (value) => {
        const [a, b] = [left(value), right(value)];
        if (a.length === 0 || b.length === 0) return undefined;
        const isSame = a.length === b.length && a.every((item, i) => item === b[i]);
        return isSame === (node.is === 'equal');
      };
    }
    default: {
      const of = values(node, terms);
      return (value) => {
        const [first] = of(value);
        return first === undefined ? undefined : first === true;
      };
    }
  }
}

/**
 * A visitor of everything that an expression selects in a resource (or an element: `whole` then says of which).
 * Throws for what search expressions do not use.
 */
export const compilePath = (expression: string, choices: Choices, next: Visit, whole: Whole = {}): Visit =>
  compile(parse(expression), { choices, whole }, next);
