import type { Resource } from '@medplum/fhirtypes';
import type { Guide, Node, Profile } from './guide.ts';
import { holds } from './invariant.ts';
import { belongs } from './slice.ts';
import { equals, fits, inValueSet, isHolder, targetOf, valuesOf, type Found } from './value.ts';

const capital = (type: string): string => type.charAt(0).toUpperCase() + type.slice(1);

/** Walks one resource along one profile and notes what breaks it. */
class Walk {
  readonly faults = new Set<string>();
  readonly #guide: Guide;
  readonly #resource: unknown;

  constructor(guide: Guide, resource: unknown) {
    this.#guide = guide;
    this.#resource = resource;
  }

  /** A value as the profile says it, its children first. */
  whole(path: string, profile: Profile, value: unknown): void {
    this.#constraints(path, profile.root, value);
    for (const child of profile.root.children.values()) this.#element(path, child, value);
  }

  #element(parentPath: string, node: Node, parent: unknown): void {
    const path = `${parentPath}.${node.name.replace('[x]', '')}`;
    const values = valuesOf(parent, node.name, node.type);
    this.#count(path, node, values.length);
    for (const found of values) this.#one(path, node, found);
    const { slicing } = node;
    if (!slicing || node.slices.size === 0) return;
    const sorter = {
      valueSets: this.#guide.valueSets,
      conforms: (value: unknown, profile: string) => this.#conforms(value, profile),
    };
    const sorted = new Set<Found>();
    for (const [name, slice] of node.slices) {
      const own = values.filter((found) => belongs(found, slice, slicing, sorter));
      this.#count(`${path}:${name}`, slice, own.length);
      for (const found of own) {
        sorted.add(found);
        this.#one(`${path}:${name}`, slice, found);
      }
    }
    if (slicing.rules === 'closed' && values.some((v) => !sorted.has(v)))
      this.faults.add(`${path}: in no slice, and no others are allowed`);
  }

  #count(path: string, { min = 0, max }: Node, length: number): void {
    if (length < min) this.faults.add(`${path}: ${length}, at least ${min}`);
    if (max !== undefined && length > max) this.faults.add(`${path}: ${length}, at most ${max}`);
  }

  #one(path: string, node: Node, found: Found): void {
    const { value, type } = found;
    if (node.fixed !== undefined && !equals(value, node.fixed))
      this.faults.add(`${path}: must be exactly ${JSON.stringify(node.fixed)}`);
    if (node.pattern !== undefined && !fits(value, node.pattern))
      this.faults.add(`${path}: must be ${JSON.stringify(node.pattern)}`);
    if (type !== undefined && node.type && !node.type.some((t) => capital(t.code) === type))
      this.faults.add(`${path}: must be ${node.type.map((t) => t.code).join(' or ')}`);
    const codes = node.binding === undefined ? undefined : this.#guide.valueSets.get(node.binding);
    if (codes && !isAbsent(value) && !inValueSet(value, codes))
      this.faults.add(`${path}: must have a code of ${node.binding ?? ''}`);
    this.#target(path, node, value);
    this.#profiled(path, node, value);
    this.#constraints(path, node, value, type);
    for (const child of node.children.values()) this.#element(path, child, value);
  }

  /** A literal reference to a type that no target profile is of. */
  #target(path: string, node: Node, value: unknown): void {
    const targets = (node.type ?? [])
      .filter((t) => t.code === 'Reference')
      .flatMap((t) => t.targetProfile ?? []);
    const type = targetOf(value);
    if (targets.length === 0 || type === undefined) return;
    const types = targets.map(
      (t) => this.#guide.profiles.get(t.split('|')[0] ?? '')?.type ?? t.split('/').at(-1),
    );
    if (!types.includes(type) && !types.includes('Resource'))
      this.faults.add(`${path}: must point to ${types.join(' or ')}`);
  }

  /** An extension, or a type with a profile of the guide, must keep to that profile too. */
  #profiled(path: string, node: Node, value: unknown): void {
    const profiles = (node.type ?? []).flatMap((t) => t.profile ?? []);
    const known = profiles.flatMap((p) => this.#guide.profiles.get(p.split('|')[0] ?? '') ?? []);
    if (known.length === 0 || known.length < profiles.length) return;
    const tried = known.map((profile) => {
      const walk = new Walk(this.#guide, this.#resource);
      walk.whole(path, profile, value);
      return walk.faults;
    });
    const [best] = tried.toSorted((a, b) => a.size - b.size);
    for (const fault of best ?? []) this.faults.add(fault);
  }

  #conforms(value: unknown, profile: string): boolean {
    const known = this.#guide.profiles.get(profile.split('|')[0] ?? '');
    if (!known) return false;
    const walk = new Walk(this.#guide, this.#resource);
    walk.whole('', known, value);
    return walk.faults.size === 0;
  }

  #constraints(path: string, node: Node, value: unknown, type?: string): void {
    for (const { key, expression } of node.constraint ?? []) {
      const around = { value, type, resource: this.#resource, valueSets: this.#guide.valueSets };
      if (notDecided.has(key) || holds(expression, around)) continue;
      this.faults.add(`${path}: ${key}`);
    }
  }
}

/** What stands in the place of a value that is absent: its extension says why, and no binding is asked. */
const isAbsent = (value: unknown): boolean =>
  isHolder(value) && Object.keys(value).every((key) => key === 'extension' || key === 'id');

/**
 * Invariants that are not decided here. txt-1 and txt-2: the narrative, which the server's own validation checks. con-4:
 * published with a misspelt system, so that no resource with an abatement could hold it.
 */
export const notDecided: ReadonlySet<string> = new Set(['txt-1', 'txt-2', 'con-4']);

/** What breaks a profile of a guide, a line each, with the path and what was asked. */
export function profileFaults(guide: Guide, url: string, resource: Resource): string[] {
  const profile = guide.profiles.get(url);
  if (!profile) return [`${guide.name} has no profile ${url}`];
  if (profile.type !== resource.resourceType) return [`${url} is of ${profile.type}`];
  const walk = new Walk(guide, resource);
  walk.whole(resource.resourceType, profile, resource);
  return [...walk.faults];
}
