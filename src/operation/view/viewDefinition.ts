import { isResourceType } from '../../datatypes/resourceType.ts';
import { invalid, missing, type Issue } from '../../outcome/issue.ts';
import type { ResourceType } from '@medplum/fhirtypes';

/** A column of a view. */
export interface Column {
  readonly name: string;
  readonly path: string;
  readonly isCollection: boolean;
}

/** A part of a view: what it goes over, its columns, and the parts within. */
export interface Select {
  readonly each?: { readonly path: string; readonly orNull: boolean };
  readonly repeat?: readonly string[];
  readonly columns: readonly Column[];
  readonly selects: readonly Select[];
  readonly union?: readonly Select[];
}

export interface Constant {
  readonly name: string;
  readonly type: string; // of FHIR: string, decimal, …
  readonly value: unknown;
}

/**
 * A ViewDefinition of SQL on FHIR v2 as far as it is run: rows and columns out of the resources of one type. R4 has no
 * such resource. See https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html
 */
export interface View {
  readonly resource: ResourceType;
  readonly constants: readonly Constant[];
  readonly where: readonly string[];
  readonly selects: readonly Select[];
}

/** A view, or what is wrong with it. */
export type Read = { readonly view: View } | { readonly faults: readonly Issue[] };

/** Bounds of a view: what nobody writes by hand. */
export const viewBounds = { columns: 500, depth: 16, parts: 1_000, characters: 5_000 } as const;

const columnName = /^[A-Za-z][A-Za-z0-9_]*$/;

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a ViewDefinition, as JSON has it. */
export function readView(given: unknown): Read {
  const reading = new Reading();
  const view = reading.view(given);
  return view && reading.faults.length === 0 ? { view } : { faults: reading.faults };
}

class Reading {
  readonly faults: Issue[] = [];
  #parts = 0;
  #columns = 0;

  view(given: unknown): View | null {
    if (!isFields(given)) return this.#fault('ViewDefinition', 'a ViewDefinition is an object');
    this.#onlyKnown(given, 'ViewDefinition', rootElements);
    const { resource } = given;
    const constants = this.#list(given, 'constant', 'ViewDefinition').flatMap(
      (one, i) => this.#constant(one, `ViewDefinition.constant[${i}]`) ?? [],
    );
    const where = this.#list(given, 'where', 'ViewDefinition').flatMap((one, i) => {
      const at = `ViewDefinition.where[${i}]`;
      return (
        (isFields(one) ? this.#path(one['path'], `${at}.path`) : this.#fault(at, 'where has a path')) ?? []
      );
    });
    const selects = this.#selects(given, 'select', 'ViewDefinition', 1);
    if (selects.length === 0) this.#lack('ViewDefinition.select', 'a view has at least one select');
    if (typeof resource !== 'string')
      return this.#lack('ViewDefinition.resource', 'a view names a resource type');
    if (!isResourceType(resource))
      return this.#fault('ViewDefinition.resource', 'resource is a resource type of R4');
    const view = { resource, constants, where, selects };
    if (this.faults.length === 0) this.#judgeColumns(selects);
    return view;
  }

  #constant(given: unknown, at: string): Constant | null {
    if (!isFields(given)) return this.#fault(at, 'a constant has a name and a value');
    const { name } = given;
    const values = Object.keys(given).filter((key) => /^value[A-Z]/.test(key));
    const [only] = values;
    if (typeof name !== 'string' || !columnName.test(name))
      return this.#fault(
        `${at}.name`,
        'the name of a constant is a letter, then letters, digits and underscores',
      );
    if (only === undefined || values.length > 1) return this.#fault(at, 'a constant has one value');
    const value = given[only];
    if (typeof value === 'object') return this.#fault(at, 'the value of a constant is a primitive');
    const type = only.charAt(5).toLowerCase() + only.slice(6);
    return { name, type, value };
  }

  #selects(given: Fields, name: string, path: string, depth: number): Select[] {
    if (depth > viewBounds.depth) {
      this.#fault(path, `a view is at most ${viewBounds.depth} levels deep`);
      return [];
    }
    return this.#list(given, name, path).flatMap(
      (one, i) => this.#select(one, `${path}.${name}[${i}]`, depth) ?? [],
    );
  }

  #select(given: unknown, at: string, depth: number): Select | null {
    if (!isFields(given)) return this.#fault(at, 'a select is an object');
    this.#onlyKnown(given, at, selectElements);
    this.#parts += 1;
    if (this.#parts > viewBounds.parts)
      return this.#fault(at, `a view has at most ${viewBounds.parts} selects`);
    const columns = this.#list(given, 'column', at).flatMap(
      (one, i) => this.#column(one, `${at}.column[${i}]`) ?? [],
    );
    const over = ['forEach', 'forEachOrNull', 'repeat'].filter((name) => given[name] !== undefined);
    if (over.length > 1) return this.#fault(at, `a select has one of forEach, forEachOrNull and repeat`);
    const path = this.#maybe(given, 'forEach', at) ?? this.#maybe(given, 'forEachOrNull', at);
    const repeat = this.#list(given, 'repeat', at).flatMap(
      (one, i) => this.#path(one, `${at}.repeat[${i}]`) ?? [],
    );
    const union =
      given['unionAll'] === undefined ? undefined : this.#selects(given, 'unionAll', at, depth + 1);
    const selects = this.#selects(given, 'select', at, depth + 1);
    if (columns.length === 0 && selects.length === 0 && (union?.length ?? 0) === 0)
      return this.#lack(at, 'a select has a column, a select or a unionAll');
    return {
      ...(path === null ? {} : { each: { path, orNull: given['forEachOrNull'] !== undefined } }),
      ...(repeat.length > 0 ? { repeat } : {}),
      columns,
      selects,
      ...(union ? { union } : {}),
    };
  }

  #column(given: unknown, at: string): Column | null {
    if (!isFields(given)) return this.#fault(at, 'a column is an object');
    this.#columns += 1;
    if (this.#columns > viewBounds.columns)
      return this.#fault(at, `a view has at most ${viewBounds.columns} columns`);
    const { name, collection = false } = given;
    const path = this.#path(given['path'], `${at}.path`);
    if (typeof name !== 'string' || !columnName.test(name) || name.length > 255)
      return this.#fault(
        `${at}.name`,
        'the name of a column is a letter, then letters, digits and underscores',
      );
    if (typeof collection !== 'boolean')
      return this.#fault(`${at}.collection`, 'collection is true or false');
    return path === null ? null : { name, path, isCollection: collection };
  }

  #maybe(given: Fields, name: string, at: string): string | null {
    return given[name] === undefined ? null : this.#path(given[name], `${at}.${name}`);
  }

  #path(given: unknown, at: string): string | null {
    if (typeof given !== 'string' || given.trim() === '')
      return this.#lack(at, 'a path is a FHIRPath expression');
    if (given.length <= viewBounds.characters) return given;
    return this.#fault(at, `a path has at most ${viewBounds.characters} characters`);
  }

  #list(given: Fields, name: string, at: string): readonly unknown[] {
    const value = given[name];
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.#fault(`${at}.${name}`, `${name} is a list`);
    return [];
  }

  /** Names of columns are not repeated, and each part of a union has the same, in the same order. */
  #judgeColumns(selects: readonly Select[]): void {
    const names = this.#namesOf(selects);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) this.#fault('ViewDefinition.select', 'two columns have one name');
  }

  #namesOf(selects: readonly Select[]): readonly string[] {
    return selects.flatMap(({ columns, selects: inner, union }) => {
      const [first, ...others] = (union ?? []).map((one) => this.#namesOf([one]));
      if (others.some((one) => one.join() !== first?.join()))
        this.#fault(
          'ViewDefinition.select',
          'the parts of a unionAll have the same columns in the same order',
        );
      return [...columns.map(({ name }) => name), ...this.#namesOf(inner), ...(first ?? [])];
    });
  }

  /** What is not run is refused: a silently ignored element would change the rows. */
  #onlyKnown(given: Fields, at: string, known: ReadonlySet<string>): void {
    const other = Object.keys(given).find((name) => !known.has(name.replace(/^_/, '')));
    if (other !== undefined) this.#fault(at, `${other.slice(0, 64)} is no element of it that is known here`);
  }

  #fault(at: string, text: string): null {
    this.faults.push(invalid('view-malformed', at, text));
    return null;
  }

  #lack(at: string, text: string): null {
    this.faults.push(missing('view-malformed', at, text));
    return null;
  }
}

const selectElements = new Set([
  ...['id', 'extension', 'column', 'select', 'forEach', 'forEachOrNull', 'unionAll', 'repeat'],
]);
const rootElements = new Set([
  ...['resourceType', 'id', 'meta', 'implicitRules', 'language', 'text', 'contained', 'extension'],
  ...[
    'url',
    'identifier',
    'version',
    'versionAlgorithmString',
    'versionAlgorithmCoding',
    'name',
    'title',
    'status',
  ],
  ...['experimental', 'date', 'publisher', 'contact', 'description', 'useContext', 'jurisdiction', 'purpose'],
  ...[
    'copyright',
    'copyrightLabel',
    'approvalDate',
    'lastReviewDate',
    'effectivePeriod',
    'resource',
    'profile',
  ],
  ...['fhirVersion', 'constant', 'where', 'select'],
]);

/** The columns of a view in their order: those of a select, of the selects within, of its unionAll. */
export const columnsOf = (selects: readonly Select[]): readonly string[] =>
  selects.flatMap(({ columns, selects: inner, union }) => [
    ...columns.map(({ name }) => name),
    ...columnsOf(inner),
    ...(union?.[0] ? columnsOf([union[0]]) : []),
  ]);
