import type { Document } from 'mongodb';
import type { Filter, FilterValue, IndexEntry, SearchParameter } from '../../search/query.ts';
import type { Fields } from './index/fields.ts';
import type { KeyLookup, Match } from './search/match.ts';
import type { Place } from './search/place.ts';

/** A filter on a parameter, and the places where the entries of the parameter are. */
export interface FilterContext {
  readonly parameter: SearchParameter;
  readonly modifier: Filter['modifier'];
  readonly lookup: KeyLookup;
  readonly places: readonly Place[];
}

/** A parameter that a search is sorted by. */
export interface SortContext {
  readonly places: readonly Place[];
  readonly numbers: readonly number[]; // of the places
}

/** How a kind of search parameter is stored and asked for; search/kind.ts says what it means. */
export interface MongoKind {
  /** Adds an entry of the parameter numbered `p`. */
  readonly encode: (entry: IndexEntry, p: number, fields: Fields) => void;
  /** Any of the values. */
  readonly filter: (context: FilterContext, values: readonly FilterValue[]) => Match;
  /** The values that a document is sorted by, as an array in a stage. */
  readonly sort: (context: SortContext) => Document;
  /** The field that an index is in the order of; undefined where there is none. */
  readonly orderField?: (no: number) => string;
}
