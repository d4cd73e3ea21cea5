import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { containedOf, innerCode, leadsInside } from './contained.ts';
import { containedEntries, extract, type ExtractOptions } from './extract.ts';
import { contentText, narrativeText, wordsOf } from './fullText.ts';
import { entryMatcher } from './kinds.ts';
import type { Chain, Criterion, Filter, FullText, IndexEntry, SearchParameter } from './query.ts';
import type { Registry } from './registry.ts';
import { matcherOf, type Matcher, type ResidualFilter } from './residualFilter.ts';

/** The resource of a type and id, as it is now; undefined where there is none. */
export type Find = (type: ResourceType, id: string) => Resource | undefined;

export interface HoldOptions extends ExtractOptions {
  readonly find: Find;
}

/** A test for criteria that no index answers, among them chains to contained resources. */
export const testOf = (criterion: ResidualFilter | Chain, options: HoldOptions): Matcher =>
  criterion.op === 'chain'
    ? (resource) => leads(criterion, { resource, whole: resource }, options)
    : matcherOf(criterion, options);

/**
 * An indexed filter for the candidates of a chain to contained resources: the type that a reference leads to in them,
 * and a code there where the chain asks for one. Undefined where the parameter does not lead to contained resources.
 */
export function insideCandidates(registry: Registry, { parameter, targets }: Chain): Filter | undefined {
  if (!leadsInside(parameter)) return undefined;
  const values = targets.flatMap(({ type, filters }) => {
    const codes = filters.map((one) => codesAsked(registry, type, one)).find((found) => found !== undefined);
    return (codes ?? [type]).map((code) => ({ text: code, code }));
  });
  return { op: 'filter', parameter: registry.derived(parameter, 'contained'), values };
}

/** The entries of one type of contained resources that a reference leads to. */
export const typesInside = (registry: Registry, { parameter, targets }: Chain): Filter => ({
  op: 'filter',
  parameter: registry.derived(parameter, 'contained'),
  values: targets.map(({ type }) => ({ text: type, code: type })),
});

/** The entries of the codes that a criterion asks for; undefined where it asks otherwise. */
function codesAsked(registry: Registry, type: ResourceType, criterion: Criterion): string[] | undefined {
  if (criterion.op !== 'filter' || criterion.modifier !== undefined) return undefined;
  const { parameter, values } = criterion;
  if (parameter.kind !== 'token' || parameter.unindexed || parameter.part !== undefined) return undefined;
  const known = registry.parametersOf(type);
  const origins = (parameter.from ?? [parameter]).map(({ code }) => known.get(code));
  if (!origins.every((origin) => origin && origin.systems === undefined && origin.code !== '_id'))
    return undefined;
  if (!values.every(({ code }) => code !== undefined)) return undefined;
  return origins.flatMap((origin) =>
    values.map(({ code = '' }) => innerCode(type, origin?.code ?? '', code)),
  );
}

/** A resource that is tested, and the resource that contains it, or itself. */
interface Tested {
  readonly resource: Resource;
  readonly whole: Resource;
}

function holds(criterion: Criterion, tested: Tested, options: HoldOptions): boolean {
  switch (criterion.op) {
    case 'and':
      return criterion.criteria.every((one) => holds(one, tested, options));
    case 'or':
      return criterion.criteria.some((one) => holds(one, tested, options));
    case 'not':
      return !holds(criterion.criterion, tested, options);
    case 'composite':
      return matcherOf(criterion, options)(tested.resource);
    case 'filter':
      return filterHolds(criterion, tested, options);
    case 'chain':
      return leads(criterion, tested, options) || leadsOut(criterion, tested, options);
    case 'has':
      return false; // what is contained is referred to from its container only
    case 'text':
    case 'content':
      return saysWords(criterion, tested.resource);
  }
}

/** The entries of a parameter, or of those that hold its entries together. */
function entriesOf(
  { code, from, part }: SearchParameter,
  tested: Tested,
  options: HoldOptions,
): IndexEntry[] {
  const { resource, whole } = tested;
  const all = part === 'contained' ? containedEntries(resource, whole, options) : extract(resource, options);
  const origins: NonNullable<SearchParameter['from']> = from ?? [{ code }];
  return all.filter((entry) =>
    origins.some(
      (origin) =>
        origin.code === entry.parameter.code &&
        (origin.target === undefined || (entry.kind === 'reference' && entry.type === origin.target)),
    ),
  );
}

function filterHolds(filter: Filter, tested: Tested, options: HoldOptions): boolean {
  const { parameter, modifier, values } = filter;
  if (parameter.unindexed || parameter.code === '_lastUpdated')
    return matcherOf(filter, options)(tested.resource);
  if (parameter.code === '_id' && modifier !== 'missing')
    return values.some(({ code }) => code === tested.resource.id) === (modifier !== 'not');
  const entries = entriesOf(parameter, tested, options);
  if (modifier === 'missing') return (entries.length === 0) === (values[0]?.text === 'true');
  const isMet = values.map((value) => entryMatcher(filter, value)).some((is) => entries.some(is));
  return isMet === (modifier !== 'not');
}

/** A chain to a resource contained in the whole. */
function leads({ parameter, targets }: Chain, { resource, whole }: Tested, options: HoldOptions): boolean {
  return containedOf(parameter, resource, whole).some((inner) =>
    targets.some(
      ({ type, filters }) =>
        type === inner.resourceType &&
        filters.every((one) => holds(one, { resource: inner, whole }, options)),
    ),
  );
}

/** A chain from a contained resource to a resource stored by itself. */
function leadsOut({ parameter, targets }: Chain, tested: Tested, options: HoldOptions): boolean {
  return entriesOf(parameter, tested, options).some((entry) => {
    if (entry.kind !== 'reference' || !entry.type) return false;
    const asked = targets.filter(({ type }) => type === entry.type);
    const found = asked.length > 0 ? options.find(entry.type, entry.id) : undefined;
    return (
      found !== undefined &&
      asked.some(({ filters }) =>
        filters.every((one) => holds(one, { resource: found, whole: found }, options)),
      )
    );
  });
}

function saysWords({ op, alternatives }: FullText, resource: Resource): boolean {
  const words = wordsOf(op === 'text' ? narrativeText(resource) : contentText(resource));
  const startsAt = (asked: readonly string[], prefix: boolean, at: number): boolean =>
    asked.every((word, i) => {
      const own = words[at + i];
      return prefix && i === asked.length - 1 ? own?.startsWith(word) === true : own === word;
    });
  return alternatives.some((phrases) =>
    phrases.every(({ words: asked, prefix }) => words.some((_, at) => startsAt(asked, prefix, at))),
  );
}
