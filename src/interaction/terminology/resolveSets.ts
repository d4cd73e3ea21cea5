import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { badRequest } from '../../outcome/fhirError.ts';
import type { Criterion, Filter, FilterValue, SearchQuery } from '../../search/query.ts';
import { isTaxonomy } from '../../terminology/conceptFilter.ts';
import { above, below, type ConceptTree } from '../../terminology/conceptTree.ts';
import { impliedValue, inCaseOf } from '../../search/kind/token.ts';
import { asServer, seesAll } from '../../store/access/asServer.ts';
import type { Reader } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { typeCache } from '../typeCache.ts';
import { cannotExpand, Expansion, merge, codesMax, sizeOf, tooMany, type CodeSet } from './expandValueSet.ts';
import { findCanonical } from './findCanonical.ts';
import { hierarchy } from '../search/hierarchy.ts';

/**
 * Replaces what needs a ValueSet, a CodeSystem or a hierarchy by plain values, wherever it stands in a query: `:in` and
 * `:not-in`, `:above` and `:below` of tokens and references. 400 where the values cannot all be told.
 * See https://hl7.org/fhir/R4/search.html#modifiers
 */
export async function resolveSets(
  context: Context,
  reader: Reader,
  query: SearchQuery,
): Promise<SearchQuery> {
  if (!query.filters.some(needsSets)) return query;
  const resolver: Resolver = { context, reader, sets: await setsOf(context, reader) };
  return { ...query, filters: await each(query.filters, (c) => resolved(resolver, c)) };
}

interface Resolver {
  readonly context: Context;
  readonly reader: Reader;
  readonly sets: Sets;
}

/** What was expanded since a ValueSet or CodeSystem was last written; the oldest goes when there are many. */
interface Sets {
  readonly expansion: Expansion;
  readonly known: Map<string, CodeSet>;
}
const knownMax = 100;

/**
 * Definitions are expanded as the server sees them, the same for all who ask; a caller must see what they name. Inside a
 * transaction, which may have written definitions of its own, nothing is kept.
 */
const setsOf = (context: Context, reader: Reader): Promise<Sets> =>
  reader === context.store
    ? typeCache(context, reader, {
        key: 'value sets',
        types: ['ValueSet', 'CodeSystem'],
        build: (server) => Promise.resolve(newSets(context, server)),
      })
    : Promise.resolve(newSets(context, asServer(reader)));

const newSets = (context: Context, reader: Reader): Sets => ({
  expansion: new Expansion({
    valueSet: (canonical) => findCanonical<ValueSet>(context, reader, 'ValueSet', canonical),
    codeSystem: (canonical) => findCanonical<CodeSystem>(context, reader, 'CodeSystem', canonical),
  }),
  known: new Map(),
});

const inSets = new Set(['in', 'not-in']);
const ofPlace = new Set(['above', 'below']);

const isSet = ({ modifier, parameter: { kind, unindexed } }: Filter): boolean =>
  modifier !== undefined && !unindexed && (inSets.has(modifier) || (ofPlace.has(modifier) && kind !== 'uri'));

function needsSets(criterion: Criterion): boolean {
  switch (criterion.op) {
    case 'filter':
      return isSet(criterion);
    case 'chain':
      return criterion.targets.some(({ filters }) => filters.some(needsSets));
    case 'has':
      return criterion.filters.some(needsSets);
    case 'and':
    case 'or':
      return criterion.criteria.some(needsSets);
    case 'not':
      return needsSets(criterion.criterion);
    default:
      return false;
  }
}

async function resolved(resolver: Resolver, criterion: Criterion): Promise<Criterion> {
  if (!needsSets(criterion)) return criterion;
  const all = (criteria: readonly Criterion[]) => each(criteria, (c) => resolved(resolver, c));
  switch (criterion.op) {
    case 'filter':
      return filterOf(resolver, criterion);
    case 'chain': {
      const targets = await each(criterion.targets, async (target) => ({
        ...target,
        filters: await all(target.filters),
      }));
      return { ...criterion, targets };
    }
    case 'has':
      return { ...criterion, filters: await all(criterion.filters) };
    case 'and':
    case 'or':
      return { ...criterion, criteria: await all(criterion.criteria) };
    case 'not':
      return { ...criterion, criterion: await resolved(resolver, criterion.criterion) };
    default:
      return criterion;
  }
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

async function filterOf(resolver: Resolver, filter: Filter): Promise<Filter> {
  const { context, reader } = resolver;
  const { modifier, values, op, parameter } = filter;
  if (parameter.kind === 'reference') {
    const found: FilterValue[] = [];
    for (const value of values)
      found.push(...(await hierarchy(context, reader, value, modifier === 'above' ? 'above' : 'below')));
    return { op, parameter, values: found };
  }
  const codes = new Map<string, Set<string>>();
  for (const value of values) {
    merge(
      codes,
      modifier === 'above' || modifier === 'below'
        ? await placed(await seen(resolver, 'CodeSystem', value.system ?? ''), value, modifier)
        : await ofSet(await seen(resolver, 'ValueSet', value.text), value),
    );
    if (sizeOf(codes) > codesMax) throw tooMany();
  }
  const { systems } = parameter;
  const caseOf = (value: FilterValue): FilterValue => inCaseOf(parameter, value);
  const plain = [...codes]
    .filter(([system]) => systems?.includes(system) ?? true) // else of a system that the element does not have
    .flatMap(([system, of]) => [...of].map((code) => caseOf(impliedValue(tokenOf(system, code), systems))));
  return { op, parameter, values: plain, ...(modifier === 'not-in' ? { modifier: 'not' } : {}) };
}

/** The kept expansions; where the caller does not see the definition that they name, those of what they see. */
async function seen(
  { context, reader, sets }: Resolver,
  type: 'ValueSet' | 'CodeSystem',
  canonical: string,
): Promise<Sets> {
  if (seesAll(reader) || (await findCanonical(context, reader, type, canonical))) return sets;
  return newSets(context, reader);
}

const tokenOf = (system: string, code: string): FilterValue => ({ text: `${system}|${code}`, system, code });

/** The codes of the value set that a value names; kept until a definition changes. */
async function ofSet({ expansion, known }: Sets, { text }: FilterValue): Promise<CodeSet> {
  const before = known.get(text);
  if (before) return before;
  const codes = await expansion.codes(text);
  const [oldest] = known.keys();
  if (known.size >= knownMax && oldest !== undefined) known.delete(oldest);
  known.set(text, codes);
  return codes;
}

/** A code and what is above or below it in its code system. */
async function placed(
  { expansion }: Sets,
  { system, code, text }: FilterValue,
  way: 'above' | 'below',
): Promise<CodeSet> {
  if (!system || code === undefined)
    throw badRequest('malformed-value', `${text.slice(0, 64)} needs its code system, as in system|code`);
  const { system: definition, tree } = await expansion.system(system);
  if (!isTaxonomy(definition)) throw cannotExpand(system, `what is ${way} a code is no kind of it`);
  const own = tree.has(code) || definition.caseSensitive !== false ? code : spelledIn(tree, code);
  if (!tree.has(own)) throw cannotExpand(system, `${code.slice(0, 64)} is none of its codes`);
  return new Map([[system, (way === 'above' ? above : below)(tree, own)]]);
}

/** A code as a code system that does not mind the case has it. */
function spelledIn(tree: ConceptTree, code: string): string {
  const lower = code.toLowerCase();
  return tree.keys().find((other) => other.toLowerCase() === lower) ?? code;
}
