import type { RowValue } from './layout.ts';
import type { TableName } from './tables.ts';

/** An edition of a coding table that the practice has loaded; `id` is what its rows are kept under. */
export interface LoadedEdition {
  readonly id: string;
  readonly table: TableName;
  readonly edition: string;
  readonly from: string; // FHIR date
  readonly through?: string;
}

/** What a rule looks up: a key of a table, on the day of the service. */
export interface RowAsked {
  readonly table: TableName;
  readonly on: string;
  readonly key: string;
}

/** The rows of coding tables that a claim needs, read beforehand. */
export interface ScrubTables {
  /** The edition that is for a day: the newest that had begun. Undefined where none had. */
  readonly editionOn: (table: TableName, on: string) => LoadedEdition | undefined;
  readonly rows: (asked: RowAsked) => readonly RowValue[];
}
