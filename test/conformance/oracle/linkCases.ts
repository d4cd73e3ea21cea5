import type { Resource } from '@medplum/fhirtypes';
import { casesOf, spread } from './cases.ts';
import { definitions, elementsOf, type Definition } from './definitions.ts';
import type { Oracle, Pair } from './oracle.ts';

/** A reference that occurs: resources of `source` refer through `parameter` to `targets` of one type, which are here. */
export interface Link {
  readonly source: string;
  readonly parameter: Definition;
  readonly type: string;
  readonly targets: readonly Resource[];
  /** They are contained in what refers to them. */
  readonly isInside?: true;
}

/** The resource itself, in a Bundle: nothing that is followed. */
const isResource = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'resourceType' in value;

/** Every kind of reference that occurs among the resources and leads to one of them. */
export function linksOf(oracle: Oracle, types: readonly string[]): Link[] {
  const links: Link[] = [];
  for (const source of types) {
    for (const parameter of definitions().get(source)?.values() ?? []) {
      if (parameter.kind !== 'reference') continue;
      const named = oracle
        .of(source)
        .filter((r) => elementsOf(r, parameter).some(({ value }) => !isResource(value)))
        .flatMap((r) => oracle.included(r, parameter.code));
      const here = [...new Set(named)].map((name) => oracle.named(name)).filter((r) => r !== undefined);
      // What an example refers to against the definition of its parameter cannot be asked for.
      for (const type of new Set(here.map((r) => r.resourceType)).intersection(new Set(parameter.targets)))
        links.push({ source, parameter, type, targets: here.filter((r) => r.resourceType === type) });
      const inside = oracle.of(source).flatMap((r) => oracle.inside(r, parameter));
      for (const type of new Set(inside.map((r) => r.resourceType)).intersection(new Set(parameter.targets)))
        links.push({
          ...{ source, parameter, type, isInside: true },
          targets: inside.filter((r) => r.resourceType === type),
        });
    }
  }
  return links;
}

/** A few criteria that one of the resources meets, or nearly, by different parameters. */
function inner(type: string, resources: readonly Resource[], base: string, most: number): Pair[] {
  const parameters = [...(definitions().get(type)?.values() ?? [])].filter(
    ({ kind, code }) => kind !== 'special' && kind !== 'composite' && !code.startsWith('_'),
  );
  const filled = parameters.filter((p) => resources.some((r) => elementsOf(r, p).length > 0));
  return spread(filled, most).flatMap((parameter) => {
    const all = casesOf(parameter, resources, { base, values: 1 });
    return spread(
      all.filter(([name]) => !name.endsWith(':missing') && !name.endsWith(':identifier')),
      2,
    );
  });
}

/** Chains over a reference: with the target's type and without, and one reference further. */
export function chainCases(link: Link, links: readonly Link[], base: string, most: number): Pair[] {
  const { parameter, type, targets } = link;
  const pairs: Pair[] = [];
  for (const [name, value] of inner(type, targets, base, most)) {
    pairs.push([`${parameter.code}:${type}.${name}`, value]);
    if (!link.isInside) pairs.push([`${parameter.code}.${name}`, value]);
  }
  const further = links.find((l) => l.source === type && l.parameter.code !== parameter.code) ?? link;
  if (further.source !== type) return pairs;
  for (const [name, value] of inner(further.type, further.targets, base, 2)) {
    pairs.push([`${parameter.code}:${type}.${further.parameter.code}:${further.type}.${name}`, value]);
  }
  return pairs;
}

/** What refers to a type by a link, and meets something: `_has`, also inside another and inside a chain. */
export function hasCases(link: Link, links: readonly Link[], oracle: Oracle, most: number): Pair[] {
  const { source, parameter } = link;
  const base = oracle.base;
  const path = `_has:${source}:${parameter.code}`;
  const pairs: Pair[] = inner(source, oracle.of(source), base, most).map(([name, value]) => [
    `${path}:${name}`,
    value,
  ]);
  const before = links.find((l) => l.type === source && l.source !== source);
  if (before)
    for (const [name, value] of inner(before.source, oracle.of(before.source), base, 2))
      pairs.push([`${path}:_has:${before.source}:${before.parameter.code}:${name}`, value]);
  return pairs;
}
