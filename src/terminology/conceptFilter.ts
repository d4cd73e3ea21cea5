import type { CodeSystem, ValueSetComposeIncludeFilter } from '@medplum/fhirtypes';
import { above, below, type ConceptTree, type Placed } from './conceptTree.ts';

const regexLengthMax = 200;
const repeatsMax = 4;

/**
 * The codes of a CodeSystem that a filter of a ValueSet takes; a sentence where it cannot be said of all of them.
 * See https://hl7.org/fhir/R4/valueset-filter-operator.html
 */
export function conceptFilter(
  system: CodeSystem,
  tree: ConceptTree,
  { property, op, value }: ValueSetComposeIncludeFilter,
): ReadonlySet<string> | string {
  switch (op) {
    case 'is-a':
    case 'descendent-of':
    case 'is-not-a':
    case 'generalizes':
      return byPlace(system, tree, { property, op, value });
    case '=':
      return those(tree, (concept) => valuesOf(system, concept, property)?.includes(value));
    case 'in':
    case 'not-in': {
      const values = value.split(',').map((v) => v.trim());
      const isIn = (concept: Placed) => valuesOf(system, concept, property)?.some((v) => values.includes(v));
      return op === 'in' ? those(tree, isIn) : those(tree, (c) => not(isIn(c)));
    }
    case 'exists':
      if (value !== 'true' && value !== 'false') return 'a filter exists is either true or false';
      return those(tree, (c) => {
        const values = valuesOf(system, c, property);
        return values && values.length > 0 === (value === 'true');
      });
    case 'regex': {
      const pattern = patternOf(value);
      if (typeof pattern === 'string') return pattern;
      return those(tree, (c) => valuesOf(system, c, property)?.some((v) => pattern.test(v)));
    }
    default:
      return `the filter ${String(op)} is not known`;
  }
}

const not = (answer: boolean | undefined): boolean | undefined =>
  answer === undefined ? undefined : !answer;

/** The codes that a test takes; a sentence where the test has no answer: the property is not defined. */
function those(
  tree: ConceptTree,
  test: (concept: Placed) => boolean | undefined,
): ReadonlySet<string> | string {
  const found = new Set<string>();
  for (const concept of tree.values()) {
    const answer = test(concept);
    if (answer === undefined) return 'it filters by a property that the code system does not define';
    if (answer) found.add(concept.code);
  }
  return found;
}

/** The values of a property as text; undefined where neither FHIR nor the code system has such a property. */
function valuesOf(system: CodeSystem, concept: Placed, property: string): string[] | undefined {
  switch (property) {
    case 'concept':
    case 'code':
      return [concept.code];
    case 'display':
      return concept.display === undefined ? [] : [concept.display];
    case 'parent':
      return [...concept.parents];
    case 'child':
      return [...concept.children];
  }
  const own = concept.property.filter(({ code }) => code === property);
  if (own.length === 0 && !system.property?.some(({ code }) => code === property)) return undefined;
  return own.map((p) => {
    const value = p.valueCode ?? p.valueString ?? p.valueBoolean ?? p.valueInteger ?? p.valueDecimal;
    return String(value ?? p.valueDateTime ?? p.valueCoding?.code ?? '');
  });
}

/** Whether a hierarchy of the code system says that what is below is a kind of what is above. */
export const isTaxonomy = ({ hierarchyMeaning }: CodeSystem): boolean =>
  hierarchyMeaning === undefined || hierarchyMeaning === 'is-a';

function byPlace(
  system: CodeSystem,
  tree: ConceptTree,
  { property, op, value }: ValueSetComposeIncludeFilter,
): ReadonlySet<string> | string {
  if (property !== 'concept' && property !== 'code')
    return `${op} is a filter of concept, not of ${property}`;
  if (!isTaxonomy(system)) return `what is below a code of ${system.url ?? ''} is no kind of it`;
  if (!tree.has(value)) return `${value} is no code of ${system.url ?? ''}`;
  switch (op) {
    case 'generalizes':
      return above(tree, value);
    case 'is-a':
      return below(tree, value);
    case 'descendent-of': {
      const found = below(tree, value);
      found.delete(value);
      return found;
    }
    default: {
      const inside = below(tree, value);
      return new Set([...tree.keys()].filter((code) => !inside.has(code)));
    }
  }
}

/** A pattern that cannot run away: short, with few repeats, none of them inside or around another choice. */
function patternOf(text: string): RegExp | string {
  if (text.length > regexLengthMax || /\\[1-9k]|\(\?/.test(text) || mayRunAway(text))
    return 'its regular expression is too complex';
  try {
    return new RegExp(`^(?:${text})$`, 'u');
  } catch {
    return 'its regular expression is malformed';
  }
}

/** True for many repeats, or for one of a group that has a repeat or alternatives in it. */
function mayRunAway(text: string): boolean {
  const plain = text.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if ((plain.match(/[*+{]/g) ?? []).length > repeatsMax) return true;
  const open: boolean[] = [false]; // of each group that is open: something in it varies
  for (const [i, sign] of plain.split('').entries()) {
    if (sign === '(') open.push(false);
    else if (sign === ')') {
      const varies = open.pop() ?? false;
      const isRepeated = /[*+{]/.test(plain.charAt(i + 1));
      if (varies && isRepeated) return true;
      if (varies || isRepeated) open[open.length - 1] = true;
    } else if (/[*+{?|]/.test(sign)) open[open.length - 1] = true;
  }
  return false;
}
