import type { CodeSystem, ValueSet, ValueSetCompose, ValueSetComposeInclude } from '@medplum/fhirtypes';
import { badRequest, fhirError, FhirError } from '../../outcome/fhirError.ts';
import { conceptFilter } from '../../terminology/conceptFilter.ts';
import { conceptTree, type ConceptTree } from '../../terminology/conceptTree.ts';
import { shippedCodeSystem } from '../../terminology/shippedCodeSystem.ts';

/** Codes by system; of a code without system the system is ''. */
export type CodeSet = ReadonlyMap<string, ReadonlySet<string>>;

/** Where definitions come from: stored ones, those of packages. */
export interface Definitions {
  valueSet(canonical: string): Promise<ValueSet | undefined>;
  codeSystem(canonical: string): Promise<CodeSystem | undefined>;
}

/** A code system with its concepts and their parents. */
export interface KnownSystem {
  readonly system: CodeSystem;
  readonly tree: ConceptTree;
}

/** Most codes in one search. */
export const codesMax = 50_000;

export const cannotExpand = (what: string, why: string): FhirError =>
  fhirError(400, 'not-supported', 'cannot-expand', `${what.slice(0, 200)} cannot be expanded: ${why}`);

/** The codes of value sets, all of them or none: what cannot be expanded completely is refused, with the reason. */
export class Expansion {
  readonly #definitions: Definitions;
  readonly #systems = new Map<string, KnownSystem>();
  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  /** The code system of a canonical, complete; 400 for one that is not known whole. */
  async system(canonical: string): Promise<KnownSystem> {
    const known = this.#systems.get(canonical);
    if (known) return known;
    const system = (await this.#definitions.codeSystem(canonical)) ?? shippedCodeSystem(canonical);
    if (!system) throw cannotExpand(canonical, 'the code system is not known here');
    if (system.content !== 'complete')
      throw cannotExpand(canonical, `the code system is here only as ${system.content}, not complete`);
    const made = { system, tree: conceptTree(system) };
    this.#systems.set(canonical, made);
    return made;
  }

  /** The codes of a value set. */
  async codes(canonical: string, within: readonly string[] = []): Promise<CodeSet> {
    if (within.includes(canonical)) throw cannotExpand(canonical, 'it takes in itself');
    const valueSet = await this.#definitions.valueSet(canonical);
    if (!valueSet)
      throw badRequest('unknown-value-set', `the ValueSet ${canonical.slice(0, 200)} is not known here`);
    const expanded = completeExpansion(valueSet);
    if (!valueSet.compose) {
      if (expanded) return expanded;
      throw cannotExpand(canonical, 'it has neither a definition nor a complete expansion');
    }
    try {
      return await this.#composed(valueSet.compose, [...within, canonical]);
    } catch (error) {
      if (expanded && error instanceof FhirError) return expanded;
      throw error;
    }
  }

  async #composed({ include, exclude = [], inactive }: ValueSetCompose, within: readonly string[]) {
    const found = new Map<string, Set<string>>();
    for (const part of include) merge(found, await this.#part(part, within));
    for (const part of exclude)
      for (const [system, codes] of await this.#part(part, within))
        for (const code of codes) found.get(system)?.delete(code);
    if (inactive === false) await this.#dropInactive(found);
    if (sizeOf(found) > codesMax) throw tooMany();
    return found;
  }

  /** What one include or exclude takes: of its system, in every value set that it names. */
  async #part(part: ValueSetComposeInclude, within: readonly string[]): Promise<CodeSet> {
    const sets: CodeSet[] = [];
    const { system }: { system?: string } = part;
    if (system !== undefined) sets.push(new Map([[system, await this.#ofSystem(system, part)]]));
    for (const canonical of part.valueSet ?? []) sets.push(await this.codes(canonical, within));
    const [first, ...others] = sets;
    if (!first)
      throw cannotExpand(within.at(-1) ?? '', 'a part of it names neither a system nor a value set');
    return others.reduce(intersection, first);
  }

  async #ofSystem(url: string, part: ValueSetComposeInclude): Promise<ReadonlySet<string>> {
    if (part.concept) return new Set(part.concept.map(({ code }) => code));
    const canonical = part.version === undefined ? url : `${url}|${part.version}`;
    const { system, tree } = await this.system(canonical);
    let found: ReadonlySet<string> = new Set(tree.keys());
    for (const filter of part.filter ?? []) {
      const codes = conceptFilter(system, tree, filter);
      if (typeof codes === 'string') throw cannotExpand(url, codes);
      found = found.intersection(codes);
    }
    return found;
  }

  async #dropInactive(found: Map<string, Set<string>>): Promise<void> {
    for (const [url, codes] of found) {
      const { tree } = await this.system(url);
      for (const code of codes) {
        const isInactive = tree
          .get(code)
          ?.property.some(
            (p) =>
              (p.code === 'inactive' && p.valueBoolean === true) ||
              (p.code === 'status' && /^(?:inactive|retired)$/.test(p.valueCode ?? '')),
          );
        if (isInactive) codes.delete(code);
      }
    }
  }
}

export const tooMany = (): FhirError =>
  fhirError(
    400,
    'too-costly',
    'too-costly',
    `it comes to more than ${codesMax} codes, more than can be searched for`,
  );

export const sizeOf = (set: CodeSet): number => [...set.values()].reduce((sum, { size }) => sum + size, 0);

export function merge(into: Map<string, Set<string>>, from: CodeSet): void {
  for (const [system, codes] of from) into.set(system, (into.get(system) ?? new Set<string>()).union(codes));
}

const intersection = (one: CodeSet, other: CodeSet): CodeSet =>
  new Map([...one].map(([system, codes]) => [system, codes.intersection(other.get(system) ?? new Set())]));

/** The stored expansion, where it holds all codes. See https://hl7.org/fhir/R4/valueset.html#expansion */
function completeExpansion({ expansion }: ValueSet): CodeSet | undefined {
  if (!expansion) return undefined;
  const found = new Map<string, Set<string>>();
  let count = 0;
  const visit = (contains: typeof expansion.contains = []): void => {
    for (const { system = '', code, abstract, contains: inner } of contains) {
      count += 1;
      if (code !== undefined && abstract !== true)
        found.set(system, (found.get(system) ?? new Set<string>()).add(code));
      visit(inner);
    }
  };
  visit(expansion.contains);
  const isPart =
    (expansion.offset ?? 0) > 0 ||
    (expansion.total !== undefined && expansion.total > count) ||
    (expansion.extension ?? []).some(({ url }) => /toocostly|unclosed/i.test(url)) ||
    (expansion.parameter ?? []).some(({ name, valueBoolean }) => name === 'limitedExpansion' && valueBoolean);
  return isPart ? undefined : found;
}
