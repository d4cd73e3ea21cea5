import type { Resource } from '@medplum/fhirtypes';
import { unfolded } from './anyCase.ts';
import { allVersions } from './canonical.ts';
import { extract, type ExtractOptions } from './extract.ts';
import type { EntryMatcher, Extraction } from './kind.ts';
import { entryMatcher, entryVisit } from './kinds.ts';
import { quantityCriterion } from './parse/plain.ts';
import type { Composite, Criterion, Filter, FilterValue, IndexEntry, SearchParameter } from './query.ts';
import { shipped } from './registry.ts';

/** Criteria that no index answers: composites, and filters on parameters that are `scanned`. */
export type ResidualFilter = Composite | Filter;
export type Matcher = (resource: Resource) => boolean;

/** The criterion itself where no index answers it. */
export const residualFilterOf = (criterion: Criterion): ResidualFilter | undefined =>
  criterion.op === 'composite' || (criterion.op === 'filter' && criterion.parameter.unindexed === true)
    ? criterion
    : undefined;

/** Compiles a criterion once; what it answers with tests a resource. Other criteria on one parameter do as well. */
export function matcherOf(criterion: ResidualFilter, options: ExtractOptions = {}): Matcher {
  const of = entriesOf(criterion.parameter, options);
  if (criterion.op === 'composite') {
    const alternatives = criterion.values.map((values) => partsMeet(criterion.parameter, values));
    return (resource) => of(resource).some((entry) => alternatives.some((is) => is(entry)));
  }
  const { modifier, values } = criterion;
  if (modifier === 'missing') {
    const wanted = values[0]?.text === 'true';
    return (resource) => (of(resource).length === 0) === wanted;
  }
  const alternatives = values.map((value) => entryMatcher(criterion, value));
  const any: Matcher = (resource) => of(resource).some((entry) => alternatives.some((is) => is(entry)));
  return modifier === 'not' ? (resource) => !any(resource) : any;
}

/** Reads the entries of one parameter. */
export function entriesOf(
  parameter: SearchParameter,
  { base, registry = shipped }: ExtractOptions,
): (resource: Resource) => readonly IndexEntry[] {
  const { part, code, from } = parameter;
  if (part !== undefined && part !== 'text') {
    const codes = new Set((from ?? [{ code }]).map((origin) => origin.code));
    return (resource) => extract(resource, { base, registry }).filter((e) => codes.has(e.parameter.code));
  }
  const to: Extraction = { entries: [], base };
  const visit = entryVisit(parameter, registry, to);
  return (resource) => {
    to.entries = [];
    to.resource = resource;
    visit(resource);
    return to.entries.filter((entry) => entry.parameter.part === parameter.part);
  };
}

/** One element of a composite: a value of each part. */
function partsMeet({ components = [] }: SearchParameter, values: readonly FilterValue[]): EntryMatcher {
  const parts = components.map((parameter, i) => entryMatcher({ parameter }, values[i] ?? { text: '' }));
  return (entry) =>
    entry.kind === 'composite' &&
    parts.every(
      (is, i) => entry.components[i]?.some((e) => e.parameter.part === undefined && is(e)) === true,
    );
}

/**
 * What an index answers and every match meets: where to look for the candidates. Undefined where there is no such.
 * Its parameters may be parts of a composite, whose entries are those of their `from` and others.
 */
export function candidatesOf(criterion: ResidualFilter, options: ExtractOptions = {}): Criterion | undefined {
  if (criterion.op === 'composite') return compositeCandidates(criterion, options);
  const { parameter, values, modifier } = criterion;
  if (parameter.part !== undefined || modifier === 'missing' || modifier === 'not') return undefined;
  const { registry = shipped } = options;
  const indexed = registry.parametersOf(parameter.type).get(parameter.code);
  if (!indexed || indexed.unindexed) return undefined;
  if (modifier === 'below') return { op: 'filter', parameter: indexed, values: values.map(allVersions) };
  if (values.some(({ prefix }) => prefix === 'ne'))
    return { op: 'filter', parameter: indexed, modifier: 'missing', values: [{ text: 'false' }] };
  return { ...criterion, parameter: indexed, values: values.map(({ prefix: _, ...value }) => value) };
}

function compositeCandidates(
  { parameter, values }: Composite,
  { registry = shipped }: ExtractOptions,
): Criterion | undefined {
  const { components = [] } = parameter;
  if (!components.some(({ from }) => from)) return undefined;
  const alternatives = values.map((parts): Criterion => {
    const criteria = components.flatMap((component, i): Criterion[] => {
      const value = parts[i];
      if (!component.from || !value) return [];
      return component.kind === 'quantity'
        ? [quantityCriterion(registry, component, [value])]
        : [unfolded(registry, { op: 'filter', parameter: component, values: [value] })];
    });
    return criteria.length === 1 && criteria[0] ? criteria[0] : { op: 'and', criteria };
  });
  return alternatives.length === 1 ? alternatives[0] : { op: 'or', criteria: alternatives };
}
