import type { ResourceType, SearchParameter as SearchParameterResource } from '@medplum/fhirtypes';
import { isResourceType, resourceTypes } from '../datatypes/resourceType.ts';
import { wrongValue, type Issue } from '../outcome/issue.ts';
import { pathsOf } from './origin.ts';
import { kinds } from './kinds.ts';
import { choices, leftOut } from './parameter.ts';
import { compilePath } from './path.ts';
import type { ParameterType, SearchParameter } from './query.ts';
import { shipped } from './registry.ts';

const isKind = (type: string): type is ParameterType => Object.hasOwn(kinds, type);
const longest = 4000;
const deepest = 30;

export interface Defined {
  /** One for each base type; none where R4 has the same already. */
  readonly parameters: readonly SearchParameter[];
  /** Why it cannot be served, all faults at once; it is served when there is none. */
  readonly faults: readonly Issue[];
}

/** Finds the SearchParameter that a composite names by its canonical, beside those of R4. */
export type Lookup = (canonical: string) => SearchParameterResource | undefined;

/** What a SearchParameter resource asks to be served. See https://hl7.org/fhir/R4/searchparameter.html */
export function toParameters(resource: SearchParameterResource, lookup: Lookup = () => undefined): Defined {
  const { code, type, expression = '', status } = resource;
  if (status === 'retired') return { parameters: [], faults: [] };
  const faults: Issue[] = [];
  const fault = (element: string, text: string): void =>
    void faults.push(wrongValue('search-parameter', `SearchParameter.${element}`, text));
  if (!/^_?[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(code))
    fault('code', 'The code of a search parameter is made of letters, digits, - and _, a letter first');
  if (!isKind(type)) fault('type', `Search parameters of type ${type} are not served`);
  if (expression === '') fault('expression', 'A search parameter without an expression is not served');
  else if (expression.length > longest || depthOf(expression) > deepest)
    fault('expression', `An expression has at most ${longest} characters, and parentheses ${deepest} deep`);
  const bases = resource.base.flatMap((base) => basesOf(base) ?? unknownBase(base, fault));
  if (faults.length > 0) return { parameters: [], faults };
  const parameters = bases.flatMap((base) => ofBase(resource, base, { fault, lookup }) ?? []);
  return faults.length > 0 ? { parameters: [], faults } : { parameters, faults };
}

type Fault = (element: string, text: string) => void;
interface Given {
  readonly fault: Fault;
  readonly lookup: Lookup;
}

function basesOf(base: string): readonly ResourceType[] | undefined {
  if (base === 'Resource' || base === 'DomainResource') return resourceTypes;
  return isResourceType(base) ? [base] : undefined;
}

function unknownBase(base: string, fault: Fault): [] {
  fault('base', `${base.slice(0, 64)} is no resource type of R4`);
  return [];
}

/** The parameter of one base type; undefined where there is nothing to add. */
function ofBase(
  resource: SearchParameterResource,
  base: ResourceType,
  given: Given,
): SearchParameter | undefined {
  const { code, type, expression = '', target } = resource;
  if (!isKind(type)) return undefined; // told above
  const path = restricted(expression, base);
  if (path === '' || !compiles(path)) {
    const why =
      path === '' ? `says nothing of ${base}` : 'is outside of the FHIRPath that search expressions use';
    given.fault('expression', `The expression ${why}`);
    return undefined;
  }
  const components = type === 'composite' ? componentsOf(resource, base, given) : undefined;
  const types = (target ?? []).filter(isResourceType);
  const parameter: SearchParameter = {
    type: base,
    code,
    kind: type,
    expression: path,
    ...(types.length > 0 && !(target as string[]).includes('Resource') ? { target: types } : {}),
    ...(components ? { components, unindexed: true } : {}),
  };
  const known = shipped.parametersOf(base).get(code);
  if (known && isWithin(parameter, known)) return undefined;
  if (known || leftOut(base, code) !== undefined || code.startsWith('_')) {
    given.fault('code', `${base} has a search parameter ${code} already, which says otherwise`);
    return undefined;
  }
  return parameter;
}

/** True when R4's parameter of the code finds all that this one would: implementation guides narrow them in words only. */
function isWithin(parameter: SearchParameter, known: SearchParameter): boolean {
  if (parameter.kind !== known.kind) return false;
  const held = new Set(pathsOf(known.expression, known.type));
  return pathsOf(parameter.expression, parameter.type).every((path) => held.has(path));
}

function compiles(expression: string): boolean {
  try {
    compilePath(expression, choices, () => undefined);
    return true;
  } catch {
    return false;
  }
}

function componentsOf(
  { component = [] }: SearchParameterResource,
  base: ResourceType,
  { fault, lookup }: Given,
): SearchParameter[] {
  if (component.length < 2) fault('component', 'A composite has two components or more');
  return component.flatMap(({ definition, expression }, i): SearchParameter[] => {
    const of = definitionOf(definition, base, lookup);
    if (!of || of.kind === 'composite') fault(`component[${i}].definition`, `${definition} is not known`);
    else if (!compiles(expression))
      fault(
        `component[${i}].expression`,
        'The expression is outside of the FHIRPath that search expressions use',
      );
    else return [{ ...of, expression }];
    return [];
  });
}

type Part = Pick<SearchParameter, 'type' | 'code' | 'kind' | 'target'>;
const r4 = /^http:\/\/hl7\.org\/fhir\/SearchParameter\/[A-Za-z]+-(.+)$/;

/** What a component is: by the canonical of R4, `…/Observation-value-quantity` or `…/clinical-code`, or by lookup. */
function definitionOf(canonical: string, type: ResourceType, lookup: Lookup): Part | undefined {
  const known = shipped.parametersOf(type).get(r4.exec(canonical)?.[1] ?? '');
  if (known)
    return { type, code: known.code, kind: known.kind, ...(known.target ? { target: known.target } : {}) };
  const found = lookup(canonical);
  if (!found || !isKind(found.type)) return undefined;
  const target = (found.target ?? []).filter(isResourceType);
  return {
    type,
    code: found.code,
    kind: found.type,
    ...(target.length > 0 ? { target } : {}),
  };
}

/** The alternatives of an expression that are of a type; one that names no type is of every base. */
const restricted = (expression: string, type: ResourceType): string =>
  alternativesOf(expression)
    .map((part) => (/^(?:[a-z]|\(+[a-z])/.test(part) ? part.replace(/^(\(*)/, `$1${type}.`) : part))
    .map((part) => part.replace(/^(\(*)(?:Domain)?Resource\b/, `$1${type}`))
    .filter((part) => new RegExp(`^\\(*${type}\\b`).test(part))
    .join(' | ');

/** The parts of an expression between bars that stand in no parentheses and no text. */
function alternativesOf(expression: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [piece] of expression.matchAll(/'(?:[^'\\]|\\.)*'|[\s\S]/g)) {
    if (piece === '(') depth++;
    if (piece === ')') depth--;
    if (piece === '|' && depth === 0) parts.push('');
    else parts.push((parts.pop() ?? '') + piece);
  }
  return parts.map((part) => part.trim());
}

function depthOf(expression: string): number {
  let depth = 0;
  let greatest = 0;
  for (const sign of expression) {
    if (sign === '(') greatest = Math.max(greatest, ++depth);
    if (sign === ')') depth--;
  }
  return greatest;
}
