import type { ResourceType } from '@medplum/fhirtypes';
import { shippedRows } from './parameter.ts';
import type { Origin, SearchParameter } from './query.ts';

/**
 * The search parameters that are served: R4's own and ours, and those of packages and of stored SearchParameters.
 * A store has one; what is defined later gets its index entries by Store.buildIndex.
 */
export class Registry {
  readonly #types = new Map<ResourceType, Map<string, SearchParameter>>();
  #revision = 0;

  /** Rises with every change: what is derived from the registry is checked by it. */
  get revision(): number {
    return this.#revision;
  }

  /** The search parameters of a type, by code. */
  parametersOf(type: ResourceType): ReadonlyMap<string, SearchParameter> {
    return this.#of(type);
  }

  /** Adds a parameter of a type; true when it is new or replaces one that says otherwise. */
  define(parameter: SearchParameter): boolean {
    const known = this.#of(parameter.type);
    const before = known.get(parameter.code);
    if (before && saysSame(before, parameter)) return false;
    known.set(parameter.code, parameter);
    this.#revision += 1;
    return true;
  }

  /** Takes a parameter away that was defined later; one that is shipped is there again. */
  remove(type: ResourceType, code: string): void {
    const known = this.#of(type);
    if (!known.delete(code)) return;
    const shipped = registered(type).get(code);
    if (shipped) known.set(code, shipped);
    this.#revision += 1;
  }

  #of(type: ResourceType): Map<string, SearchParameter> {
    const known = this.#types.get(type);
    if (known) return known;
    const own = new Map(registered(type));
    this.#types.set(type, own);
    return own;
  }
}

const saysSame = (one: SearchParameter, other: SearchParameter): boolean =>
  one.kind === other.kind &&
  one.expression === other.expression &&
  String(one.target) === String(other.target) &&
  JSON.stringify(one.components) === JSON.stringify(other.components);

const limited = /^(.*)\.where\(resolve\(\) is ([A-Za-z]+)\)$/;

/**
 * The parameters that hold all entries of another one: `patient` is what `subject` holds of Patients, `combo-code`
 * is what `code` and `component-code` hold. Undefined when it needs entries of its own.
 */
function originsOf(
  parameter: SearchParameter,
  all: readonly SearchParameter[],
): readonly Origin[] | undefined {
  const left = new Set(parameter.expression.split(' | '));
  const origins: Origin[] = [];
  const others = all.filter((other) => other !== parameter && other.kind === parameter.kind);
  for (const { code, expression } of others) {
    const parts = expression.split(' | ');
    if (!parts.every((part) => left.has(part))) continue;
    origins.push({ code });
    for (const part of parts) left.delete(part);
  }
  for (const part of parameter.kind === 'reference' ? [...left] : []) {
    const [, bare, target] = limited.exec(part) ?? [];
    const base = others.find((other) => other.expression === bare);
    if (!base) continue;
    origins.push({ code: base.code, target: target as ResourceType });
    left.delete(part);
  }
  return left.size === 0 ? origins : undefined;
}

const made = new Map<ResourceType, ReadonlyMap<string, SearchParameter>>();

/** The shipped parameters of a type, computed once. */
function registered(type: ResourceType): ReadonlyMap<string, SearchParameter> {
  const known = made.get(type) ?? register(type);
  made.set(type, known);
  return known;
}

function register(type: ResourceType): ReadonlyMap<string, SearchParameter> {
  const rows = shippedRows(type);
  // An expression that two parameters share is held by the first; no origin may itself need an origin.
  const holders = rows.filter((row, i) => originsOf(row, rows.slice(0, i)) === undefined);
  const basic = holders.filter(
    (row) =>
      originsOf(
        row,
        holders.filter((other) => other !== row),
      ) === undefined,
  );
  return new Map(
    rows.map((row) => {
      const from = basic.includes(row) ? undefined : originsOf(row, basic);
      return [row.code, from ? { ...row, from } : row];
    }),
  );
}

/** What is asked of where no store is at hand: the shipped parameters. */
export const shipped = new Registry();
