import { expect, test } from '@jest/globals';
import type { Resource } from '@medplum/fhirtypes';
import { notDecided, profileFaults } from './check.ts';
import { c4bb, usCore, type Guide } from './guide.ts';
import { mutants, type Mutant } from './mutants.ts';

const guides = [c4bb(), usCore('3.1.1'), usCore('6.1.0'), usCore('7.0.0')];

interface Example {
  readonly guide: Guide;
  readonly url: string;
  readonly resource: Resource;
}

/** Every published example with each profile it claims. */
const examples: Example[] = guides.flatMap((guide) =>
  guide.example.flatMap((resource) =>
    (resource.meta?.profile ?? [])
      .map((p) => p.split('|')[0] ?? '')
      .filter((url) => guide.profiles.has(url))
      .map((url) => ({ guide, url, resource })),
  ),
);

/** Published with a unit that its own profile does not allow. */
const known: Readonly<Record<string, readonly string[]>> = {
  'satO2-fiO2 3.1.1': [
    'Observation.component.value: must have a code of http://hl7.org/fhir/ValueSet/ucum-vitals-common',
    'Observation.component:FlowRate.value: must have a code of http://hl7.org/fhir/ValueSet/ucum-vitals-common',
  ],
};

test.each(guides.map((g) => [g.name, g] as const))(
  'the published examples of %s keep to their profiles',
  (_, guide) => {
    const own = examples.filter((e) => e.guide === guide);
    expect(own.length).toBeGreaterThan(30);
    for (const { url, resource } of own) {
      const name = `${resource.id ?? ''} ${guide.name.split('-').at(-1) ?? ''}`;
      expect([resource.id, url, profileFaults(guide, url, resource)]).toEqual([
        resource.id,
        url,
        known[name] ?? [],
      ]);
    }
  },
);

test.each(guides.map((g) => [g.name, g] as const))(
  'each rule of %s that is broken in an example is found',
  (_, guide) => {
    const tried = new Map<Mutant['kind'], Set<string>>();
    const missed: string[] = [];
    for (const { url, resource } of examples.filter((e) => e.guide === guide)) {
      const profile = guide.profiles.get(url);
      if (!profile || known[`${resource.id ?? ''} 3.1.1`]) continue;
      for (const { fault, kind, broken } of mutants(guide, profile, resource)) {
        const rule = `${url} ${fault}`;
        const rules = tried.get(kind) ?? new Set<string>();
        if (rules.has(rule)) continue; // one break of a rule is enough
        tried.set(kind, rules.add(rule));
        const found = profileFaults(guide, url, broken() as Resource);
        if (!found.some((f) => f.startsWith(fault))) missed.push(`${resource.id ?? ''} ${kind} ${rule}`);
      }
    }
    expect(missed).toEqual([]);
    expect([...tried.keys()].toSorted()).toEqual(['binding', 'max', 'min', 'target', 'type', 'value']);
  },
);

test('every invariant but those listed is decided, and the profiles are those that are asked for', () => {
  const keys = new Set<string>();
  for (const guide of guides)
    for (const { root } of guide.profiles.values()) {
      const nodes = [root];
      for (let node = nodes.pop(); node; node = nodes.pop()) {
        for (const { key } of node.constraint ?? []) keys.add(key);
        nodes.push(...node.children.values(), ...node.slices.values());
      }
    }
  expect([...notDecided].filter((key) => !keys.has(key))).toEqual([]);
  expect(keys.size).toBeGreaterThan(60);
});
