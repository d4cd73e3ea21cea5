import type { ResourceType } from '@medplum/fhirtypes';
import type { Choices, Visit, Whole } from './path.ts';
import type { Filter, FilterValue, IndexEntry, SearchParameter } from './query.ts';
import type { Registry } from './registry.ts';

/** What entries are written to: closures made once per parameter write here, so that none is made per resource. */
export interface Extraction extends Whole {
  entries: IndexEntry[];
  base: string | undefined; // our own URL, taken off references
}

export interface EntryContext {
  readonly registry: Registry;
  readonly to: Extraction;
  /** Visits a resource for the entries of another parameter: a component of a composite. */
  readonly visitOf: (parameter: SearchParameter, to: Extraction) => Visit;
}

export interface ParseContext {
  readonly base: string | undefined; // our own URL, taken off references
  readonly now: number | undefined; // epoch milliseconds, for `ap` on dates
  readonly only?: ResourceType | undefined; // the type of a `:Type` modifier
}

/** Tests an entry of a resource for what a value of a criterion asks. */
export type EntryMatcher = (entry: IndexEntry) => boolean;

/** What a kind of search parameter does; stores have tables of their own (store/…/kind). */
export interface Kind {
  /** How many simple values a value of it counts for, towards what a search may ask. */
  readonly weight: number;
  /** The operators that _filter has for it. See https://hl7.org/fhir/R4/search_filter.html */
  readonly operators: readonly string[];
  /** The types of a choice that its expressions take, where not all. */
  readonly choices?: Choices;
  /** Reads a value; throws 400. */
  readonly parse: (text: string, parameter: SearchParameter, context: ParseContext) => FilterValue;
  /** Writes the entries of an element. */
  readonly entries: (parameter: SearchParameter, context: EntryContext) => Visit;
  /** Reads a value once; the matcher is called for each entry. */
  readonly match: (filter: Pick<Filter, 'parameter' | 'modifier'>, value: FilterValue) => EntryMatcher;
  /** What a resource with this entry is sorted by. */
  readonly sortValue: (entry: IndexEntry) => string | number | undefined;
}

/** With the prefix ne: an entry that does not match. */
export const unless = ({ prefix }: FilterValue, matches: EntryMatcher): EntryMatcher =>
  prefix === 'ne' ? (entry) => !matches(entry) : matches;
