import type { SQLInputValue } from 'node:sqlite';
import type { Filter, FilterValue, IndexEntry, SearchParameter } from '../../search/query.ts';
import type { SqliteState } from './connection/sqliteState.ts';
import type { Names } from './index/names.ts';
import type { Rows } from './index/table.ts';
import type { Condition } from './search/condition.ts';
import type { IndexOrder } from './search/indexOrder.ts';
import type { Place } from './search/place.ts';
import type { SqlFragment } from './search/sqlFragment.ts';

/** Where the rows of a resource's entries go. */
export interface RowContext {
  readonly names: Names;
  readonly rid: number;
  readonly signature: readonly SQLInputValue[];
  readonly rows: Rows;
}

/** One parameter of a filter, in one of the places where its entries are. */
export interface FilterContext {
  readonly state: SqliteState;
  readonly parameter: SearchParameter;
  readonly modifier: Filter['modifier'];
  readonly place: Place;
}

/** A parameter that a search is sorted by. */
export interface SortContext {
  readonly state: SqliteState;
  readonly parameter: SearchParameter;
  readonly descending: boolean;
  readonly codes: readonly string[]; // of the parameters whose entries it has
  readonly numbers: readonly number[]; // of the same
  readonly candidates: number; // how many rows are sorted
  readonly alias: string; // for a table that is joined
}

/** What rows are sorted by: a value of candidate `d.rid`, and what has to be joined for it. */
export interface SortValue {
  readonly value: SqlFragment;
  readonly join?: SqlFragment;
}

/** How a kind of search parameter is stored and asked for; search/kind.ts says what it means. */
export interface SqliteKind {
  /** Adds the rows of an entry of the parameter numbered `no`. */
  readonly encode: (entry: IndexEntry, no: number, context: RowContext) => void;
  /** One value of a filter. */
  readonly filter: (context: FilterContext, value: FilterValue) => Condition;
  /** Many values of a filter as one list; undefined where they are asked for one by one. */
  readonly list?: (
    names: Names,
    places: readonly Place[],
    values: readonly FilterValue[],
  ) => Condition | undefined;
  /** True for the candidate of column `at` that has an entry. */
  readonly present: (names: Names, place: Place, at: string) => SqlFragment;
  readonly sort: (context: SortContext) => SortValue;
  /** The index that is in the order of its values; undefined where there is none. */
  readonly order?: (
    state: SqliteState,
    parameter: SearchParameter,
    isDescending: boolean,
  ) => Pick<IndexOrder, 'table' | 'index' | 'column' | 'isFirst'>;
}
