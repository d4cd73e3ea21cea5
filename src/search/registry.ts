import type { ResourceType } from '@medplum/fhirtypes';
import { holdsCanonicals, isAddress } from './canonical.ts';
import { originsOf, withComponents, withTargets } from './origin.ts';
import { areIdentifiers, caseless, shippedRows, systemsOfCodes, unfollowed } from './parameter.ts';
import type { Part, SearchParameter } from './query.ts';

type Parameters = ReadonlyMap<string, SearchParameter>;

/** The parameters whose entries are equal where a resource refers to another by canonical URL. */
export interface CanonicalLink {
  readonly from: SearchParameter;
  readonly to: SearchParameter;
}

/** What was derived from a parameter: the same in every registry that has it. */
const derivedOf = new WeakMap<SearchParameter, Map<Part, SearchParameter>>();

/** The parameters of a type that have index entries of their own: the same in every registry that has the type alike. */
const indexedAmong = new WeakMap<Parameters, readonly SearchParameter[]>();

/**
 * The search parameters that are served: R4's own and ours, and those of packages and of stored SearchParameters.
 * A store has one; what is defined later gets its index entries by Store.buildIndex.
 */
export class Registry {
  readonly #types = new Map<ResourceType, Parameters>();
  readonly #defined = new Map<ResourceType, Map<string, SearchParameter>>();
  #revision = 0;

  /** Rises with every change; caches derived from the registry compare it. */
  get revision(): number {
    return this.#revision;
  }

  /** The search parameters of a type, by code. */
  parametersOf(type: ResourceType): Parameters {
    const known = this.#types.get(type) ?? registered(type);
    this.#types.set(type, known);
    return known;
  }

  /** The parameters of a type that have index entries of their own: what a store numbers. */
  indexedOf(type: ResourceType): readonly SearchParameter[] {
    const parameters = this.parametersOf(type);
    const known = indexedAmong.get(parameters);
    if (known) return known;
    const indexed = [...parameters.values()]
      .filter((p) => !p.from && !p.unindexed && p.code !== '_id' && p.code !== '_lastUpdated')
      .flatMap((p) => [p, ...indexedParts(p).map((part) => this.derived(p, part))]);
    indexedAmong.set(parameters, indexed);
    return indexed;
  }

  /** A parameter that is derived from one of the type's: `code:text`, `identifier:of-type`, `value-quantity:ucum`. */
  derived(parameter: SearchParameter, part: Part): SearchParameter {
    const parts = derivedOf.get(parameter) ?? new Map<Part, SearchParameter>();
    derivedOf.set(parameter, parts);
    const known = parts.get(part) ?? derive(parameter, part);
    parts.set(part, known);
    return known;
  }

  /**
   * The parameters that link canonical URLs of a parameter with resources of a type; undefined where it holds no
   * canonical URLs, or resources of the type have none.
   */
  canonicalLink(parameter: SearchParameter, type: ResourceType): CanonicalLink | undefined {
    const url = this.parametersOf(type).get('url');
    if (!url || !isAddress(url) || !holdsCanonicals(parameter)) return undefined;
    return { from: this.derived(parameter, 'canonical'), to: this.derived(url, 'canonical') };
  }

  /** Adds a parameter of a type; true when it is new or differs from the one it replaces. */
  define(parameter: SearchParameter): boolean {
    const { type, code } = parameter;
    const before = this.parametersOf(type).get(code);
    if (before && saysSame(before, parameter)) return false;
    const defined = this.#defined.get(type) ?? new Map<string, SearchParameter>();
    this.#defined.set(type, defined.set(code, parameter));
    this.#renew(type);
    return true;
  }

  /** Removes a defined parameter; a shipped one that it replaced is served again. */
  remove(type: ResourceType, code: string): void {
    if (this.#defined.get(type)?.delete(code)) this.#renew(type);
  }

  /** Computes the parameters of a type again; unchanged ones stay the same objects. */
  #renew(type: ResourceType): void {
    const before = this.parametersOf(type);
    const defined = [...(this.#defined.get(type)?.values() ?? [])];
    const now = register(type, defined);
    for (const [code, parameter] of now) {
      const known = before.get(code);
      if (known && JSON.stringify(known) === JSON.stringify(parameter)) now.set(code, known);
    }
    this.#types.set(type, now);
    this.#revision += 1;
  }
}

/** The derived parameters of a parameter that have index entries. */
export function indexedParts(parameter: SearchParameter): readonly Part[] {
  const { kind, expression } = parameter;
  if (kind === 'quantity') return ['ucum'];
  if (kind === 'reference' && parameter.part === undefined && !parameter.isUnfollowed)
    return holdsCanonicals(parameter) ? ['canonical', 'contained'] : ['contained'];
  if (isAddress(parameter)) return ['canonical'];
  if (kind !== 'token') return [];
  if (isOfIdentifiers(expression)) return ['of-type'];
  return (parameter.systems ?? parameter.caseless) ? [] : ['folded']; // a required binding's codes are HL7's: case counts
}

/** The derived parameter with the keys of canonical URLs, where there is one. */
export const canonicalPart = (parameter: SearchParameter, registry: Registry): SearchParameter | undefined =>
  indexedParts(parameter).includes('canonical') ? registry.derived(parameter, 'canonical') : undefined;

/** True when an expression gives Identifiers: most elements that are have names that say so. */
export const isOfIdentifiers = (expression: string): boolean =>
  expression.split(' | ').some((part) => areIdentifiers[part] ?? /[iI]dentifier\)*$/.test(part));

/** Elements that are contact points: all that R4 has are named telecom. */
const telecom = /\btelecom(?:\.where\([^()]*\))?$/;

/** A token parameter, marked where all its elements are contact points or strings. */
function withCase(parameter: SearchParameter, start?: string): SearchParameter {
  if (parameter.kind !== 'token') return parameter;
  const isCaseless = parameter.expression.split(' | ').every((part) => {
    const path = start === undefined ? part : `${start}.${part}`;
    return caseless.has(path) || telecom.test(path);
  });
  return isCaseless ? { ...parameter, caseless: true } : parameter;
}

/** A token parameter with the systems that its elements imply, where all are codes of such. */
function withSystems(parameter: SearchParameter, start?: string): SearchParameter {
  if (parameter.kind !== 'token') return parameter;
  const systems = parameter.expression.split(' | ').map((part) => {
    const path = start === undefined ? part : `${start}.${part}`;
    return systemsOfCodes[path];
  });
  const known = systems.filter((some) => some !== undefined);
  return known.length === systems.length ? { ...parameter, systems: [...new Set(known.flat())] } : parameter;
}

/** A reference parameter, marked where no element of it is a Reference. */
function withFollowing(parameter: SearchParameter): SearchParameter {
  const { kind, expression } = parameter;
  const isUnfollowed = kind === 'reference' && expression.split(' | ').every((part) => unfollowed.has(part));
  return isUnfollowed ? { ...parameter, isUnfollowed } : parameter;
}

/** Marks a parameter, or the components of a composite, whose expressions start at its own. */
function withAllSystems(parameter: SearchParameter): SearchParameter {
  const { components, expression } = parameter;
  if (!components) return withCase(withSystems(parameter));
  const read = (component: SearchParameter): SearchParameter =>
    withCase(withSystems(component, expression), expression);
  return { ...parameter, components: components.map(read) };
}

const derive = ({ from, ...parameter }: SearchParameter, part: Part): SearchParameter => ({
  ...parameter,
  code: `${parameter.code}:${part}`,
  part,
  ...(part === 'text' ? { kind: 'string', unindexed: true } : {}),
  ...(part === 'canonical' ? { kind: 'reference' } : {}),
  ...(part === 'contained' ? { kind: 'token' } : {}),
  ...(from && part !== 'text' ? { from: from.map(({ code }) => ({ code: `${code}:${part}` })) } : {}),
});

const saysSame = (one: SearchParameter, other: SearchParameter): boolean =>
  one.kind === other.kind &&
  one.expression === other.expression &&
  String(one.target) === String(withTargets(other).target) &&
  JSON.stringify(one.components?.map(bare)) === JSON.stringify(other.components?.map(bare));
const bare = ({ code, kind, expression }: SearchParameter): unknown => [code, kind, expression];

const made = new Map<ResourceType, Parameters>();

/** The shipped parameters of a type, computed once. */
function registered(type: ResourceType): Parameters {
  const known = made.get(type) ?? register(type, []);
  made.set(type, known);
  return known;
}

function register(type: ResourceType, defined: readonly SearchParameter[]): Map<string, SearchParameter> {
  const replaced = new Set(defined.map(({ code }) => code));
  const rows = shippedRows(type)
    .filter(({ code }) => !replaced.has(code))
    .map(withTargets);
  // An expression that two parameters share is held by the first; no origin may itself need an origin.
  const holders = rows.filter((row, i) => originsOf(row, rows.slice(0, i)) === undefined);
  const basic = holders.filter(
    (row) =>
      originsOf(
        row,
        holders.filter((other) => other !== row),
      ) === undefined,
  );
  const all = [...rows, ...defined.map(withTargets)].map((row) => {
    const from = basic.includes(row) ? undefined : originsOf(row, basic);
    return from ? { ...row, from } : row;
  });
  return new Map(all.map((row) => [row.code, withAllSystems(withFollowing(withComponents(row, all)))]));
}

/** The shipped parameters, for use without a store. */
export const shipped = new Registry();
