import type { CodeSystem, CodeSystemConcept, CodeSystemConceptProperty } from '@medplum/fhirtypes';

/** One concept of a CodeSystem, with what stands directly above and below it. */
export interface Placed {
  readonly code: string;
  readonly display: string | undefined;
  readonly property: readonly CodeSystemConceptProperty[];
  readonly parents: Set<string>;
  readonly children: Set<string>;
}
export type ConceptTree = ReadonlyMap<string, Placed>;

/**
 * The concepts of a CodeSystem by code, in its order. What is above what comes from nesting and from the properties
 * `parent` and `child`. See https://hl7.org/fhir/R4/codesystem.html#hierachy
 */
export function conceptTree({ concept = [] }: Pick<CodeSystem, 'concept'>): ConceptTree {
  const tree = new Map<string, Placed>();
  place(tree, concept, undefined);
  for (const { code, parents, property } of tree.values()) {
    for (const { code: name, valueCode } of property) {
      if (valueCode === undefined) continue;
      if (name === 'parent') parents.add(valueCode);
      if (name === 'child') tree.get(valueCode)?.parents.add(code);
    }
  }
  for (const { code, parents } of tree.values())
    for (const parent of parents) tree.get(parent)?.children.add(code);
  return tree;
}

/** Enters concepts and what is nested in them; a code that comes twice has two parents. */
function place(
  tree: Map<string, Placed>,
  concepts: readonly CodeSystemConcept[],
  parent: string | undefined,
): void {
  for (const { code, display, property = [], concept = [] } of concepts) {
    const known = tree.get(code) ?? { code, display, property, parents: new Set(), children: new Set() };
    tree.set(code, known);
    if (parent !== undefined) known.parents.add(parent);
    place(tree, concept, code);
  }
}

/** The code itself and all that is below it; in a circle each once. */
export const below = (tree: ConceptTree, code: string): Set<string> => reach(tree, code, 'children');

/** The code itself and all that is above it. */
export const above = (tree: ConceptTree, code: string): Set<string> => reach(tree, code, 'parents');

function reach(tree: ConceptTree, code: string, way: 'parents' | 'children'): Set<string> {
  const found = new Set<string>([code]);
  for (const at of found) for (const next of tree.get(at)?.[way] ?? []) found.add(next);
  return found;
}
