import { eachCriterion } from './eachCriterion.ts';
import type { Criterion, Filter, FilterValue, SearchParameter, SearchQuery } from './query.ts';
import { indexedParts, type Registry } from './registry.ts';

/**
 * Codes of case-insensitive systems (CodeSystem.caseSensitive is false) are found in any case. The index has a
 * code as it is written, and one with capitals also in lower case, under a parameter derived from its own. Which systems
 * these are is known when it is asked. See https://hl7.org/fhir/R4/search.html#token
 */
export type CaselessSystems = ReadonlySet<string>;

const hasLetters = (code: string): boolean => code.toLowerCase() !== code.toUpperCase();

/** True of a token parameter whose elements have code systems of their own. */
const isOfSystems = (parameter: SearchParameter): boolean =>
  parameter.part === undefined && parameter.code !== '_id' && indexedParts(parameter).includes('folded');

/** True of a value whose system may be case-insensitive. */
const mayFold = ({ system, code }: FilterValue): boolean =>
  system !== '' && code !== undefined && code !== 'true' && code !== 'false' && hasLetters(code);

/** Whether a query asks for a code with letters: only then it matters which systems are case-insensitive. */
export function asksForLetters({ type, filters }: SearchQuery): boolean {
  let isAsked = false;
  eachCriterion(type, filters, (criterion) => {
    if (isAsked || (criterion.op !== 'filter' && criterion.op !== 'composite')) return;
    isAsked =
      criterion.op === 'filter'
        ? isOfSystems(criterion.parameter) && isPlain(criterion) && criterion.values.some(mayFold)
        : criterion.values.some((parts) => parts.some(mayFold));
  });
  return isAsked;
}

const isPlain = ({ modifier }: Filter): boolean => modifier === undefined || modifier === 'not';

/** Criteria that find codes of these systems in any case. */
export function inAnyCase(
  registry: Registry,
  criteria: readonly Criterion[],
  systems: CaselessSystems,
): Criterion[] {
  const all = (inner: readonly Criterion[]): Criterion[] => inner.map(one);
  const one = (criterion: Criterion): Criterion => {
    switch (criterion.op) {
      case 'chain':
        return {
          ...criterion,
          targets: criterion.targets.map((target) => ({ ...target, filters: all(target.filters) })),
        };
      case 'has':
        return { ...criterion, filters: all(criterion.filters) };
      case 'and':
      case 'or':
        return { ...criterion, criteria: all(criterion.criteria) };
      case 'not':
        return { ...criterion, criterion: one(criterion.criterion) };
      case 'composite': {
        const components = criterion.parameter.components ?? [];
        const values = criterion.values.map((parts) =>
          parts.map((value, i) => {
            const component = components[i];
            return component && isOfSystems(component) ? marked(value, systems) : value;
          }),
        );
        return { ...criterion, values };
      }
      case 'filter': {
        if (!isOfSystems(criterion.parameter) || !isPlain(criterion)) return criterion;
        const values = criterion.values.map((value) => marked(value, systems));
        return criterion.parameter.unindexed
          ? { ...criterion, values }
          : unfolded(registry, { ...criterion, values });
      }
      default:
        return criterion;
    }
  };
  return all(criteria);
}

/** A value, with the systems in which its case does not count. */
function marked(value: FilterValue, systems: CaselessSystems): FilterValue {
  if (!mayFold(value)) return value;
  const { system } = value;
  const anyCase = system === undefined ? [...systems] : systems.has(system) ? [system] : [];
  return anyCase.length === 0 ? value : { ...value, anyCase };
}

/** A filter with marked values as criteria on the index: the code as written, or in lower case in such a system. */
export function unfolded(registry: Registry, filter: Filter): Criterion {
  const { parameter, modifier, values } = filter;
  const lower = values.flatMap(({ code = '', text, anyCase = [] }): FilterValue[] =>
    anyCase.map((system) => ({ text, system, code: code.toLowerCase() })),
  );
  if (lower.length === 0) return filter;
  const plain = values.map(({ anyCase: _, ...value }) => value);
  const found: Criterion = {
    op: 'or',
    criteria: [
      { op: 'filter', parameter, values: [...plain, ...lower] },
      { op: 'filter', parameter: registry.derived(parameter, 'folded'), values: lower },
    ],
  };
  return modifier === 'not' ? { op: 'not', criterion: found } : found;
}
