import type { TypedValue } from '@medplum/core';
import { evaluatePath, parsePath, PathError, typedOf, type Path, type Variables } from './path.ts';
import type { Select, View } from './viewDefinition.ts';

/** One row of a view: a value for each column, null where there is none. */
export type Row = Readonly<Record<string, unknown>>;

/** What stops a view; its text names no value. */
export class ViewError extends Error {
  readonly code: 'view-path' | 'view-rows' | 'view-value';

  constructor(code: ViewError['code'], text: string) {
    super(text);
    this.code = code;
  }
}

/** Most rows of one resource, and nodes of a repeat: products and repetitions grow fast. */
const rowsMax = 100_000;

type Maker = (node: TypedValue, variables: Variables) => Row[];

/** A view that is ready to make rows of resources. */
export class Rows {
  readonly #view: View;
  readonly #constants: Variables;
  readonly #names: readonly string[];
  readonly #where: readonly Path[];
  readonly #make: Maker;

  constructor(view: View) {
    this.#view = view;
    this.#names = view.constants.map(({ name }) => `%${name}`);
    this.#constants = Object.fromEntries(
      view.constants.map(({ name, type, value }) => [`%${name}`, { type, value }]),
    );
    this.#where = view.where.map((path) => this.#path(path));
    this.#make = this.#product(view.selects.map((one) => this.#select(one)));
  }

  /** The rows of a resource; none where it is of another type or `where` leaves it out. */
  of(resource: unknown): readonly Row[] {
    const node = typedOf(resource);
    if (node.type !== this.#view.resource) return [];
    const variables = { ...this.#constants, '%rowIndex': index(0), '%resource': node, '%rootResource': node };
    return this.#where.every((path) => isMet(path, node, variables)) ? this.#make(node, variables) : [];
  }

  #path(text: string): Path {
    try {
      return parsePath(text, this.#names);
    } catch (error) {
      if (error instanceof PathError) throw new ViewError('view-path', `${shown(text)}: ${error.message}`);
      throw error;
    }
  }

  #select({ each, repeat, columns, selects, union }: Select): Maker {
    const parts: Maker[] = [];
    if (columns.length > 0) parts.push(this.#columns(columns));
    for (const one of selects) parts.push(this.#select(one));
    if (union) {
      const makers = union.map((one) => this.#select(one));
      parts.push((node, variables) => bounded(makers.flatMap((make) => make(node, variables))));
    }
    const make = this.#product(parts);
    if (each) return this.#each(this.#path(each.path), each.orNull, make);
    if (repeat)
      return this.#repeat(
        repeat.map((one) => this.#path(one)),
        make,
      );
    return make;
  }

  #columns(columns: Select['columns']): Maker {
    const paths = columns.map((one) => ({ ...one, parsed: this.#path(one.path) }));
    return (node, variables) => {
      const row: Record<string, unknown> = {};
      for (const { name, path, isCollection, parsed } of paths) {
        const values = found(parsed, node, variables).map(({ value }) => value as unknown);
        if (values.length > 1 && !isCollection) {
          const text = `column ${name}: ${shown(path)} finds more than one value, and collection is not true`;
          throw new ViewError('view-value', text);
        }
        row[name] = isCollection ? values : (values[0] ?? null);
      }
      return [row];
    };
  }

  #each(path: Path, orNull: boolean, make: Maker): Maker {
    return (node, variables) => {
      const nodes = found(path, node, variables);
      if (nodes.length === 0 && orNull) return make({ type: 'Element', value: {} }, over(variables, 0));
      return bounded(nodes.flatMap((one, i) => make(one, over(variables, i))));
    };
  }

  #repeat(paths: readonly Path[], make: Maker): Maker {
    return (node, variables) => {
      const nodes: TypedValue[] = [];
      const visit = (from: TypedValue, depth: number): void => {
        if (depth > 200) throw new ViewError('view-rows', 'repeat goes deeper than 200 levels');
        for (const path of paths)
          for (const one of found(path, from, variables)) {
            // what has nothing below it but leads to itself again would never end
            if (typeof one.value !== 'object') continue;
            nodes.push(one);
            if (nodes.length > rowsMax) throw tooMany();
            visit(one, depth + 1);
          }
      };
      visit(node, 1);
      return bounded(nodes.flatMap((one, i) => make(one, over(variables, i))));
    };
  }

  /** Each row of a part with each row of the others. */
  #product(parts: readonly Maker[]): Maker {
    const [only] = parts;
    if (only && parts.length === 1) return only;
    return (node, variables) => {
      let rows: Row[] = [{}];
      for (const make of parts) {
        const made = make(node, variables);
        if (rows.length * made.length > rowsMax) throw tooMany();
        rows = rows.flatMap((row) => made.map((more) => ({ ...row, ...more })));
      }
      return rows;
    };
  }
}

const index = (value: number): TypedValue => ({ type: 'integer', value });
const over = (variables: Variables, i: number): Variables => ({ ...variables, '%rowIndex': index(i) });
const shown = (path: string): string => (path.length > 80 ? `${path.slice(0, 80)}…` : path);
const tooMany = (): ViewError => new ViewError('view-rows', `one resource makes more than ${rowsMax} rows`);

function bounded(rows: Row[]): Row[] {
  if (rows.length > rowsMax) throw tooMany();
  return rows;
}

function found(path: Path, node: TypedValue, variables: Variables): readonly TypedValue[] {
  try {
    return evaluatePath(path, node, variables);
  } catch (error) {
    // The engine speaks of values of the resource: they are not told.
    if (error instanceof ViewError) throw error;
    throw new ViewError('view-value', 'an expression cannot be evaluated on a resource that is there');
  }
}

function isMet(path: Path, node: TypedValue, variables: Variables): boolean {
  const values = found(path, node, variables);
  const [only] = values;
  if (only === undefined) return false;
  if (values.length > 1 || typeof only.value !== 'boolean')
    throw new ViewError('view-value', 'where finds something else than true or false');
  return only.value;
}
