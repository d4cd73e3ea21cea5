import type { DatabaseSync } from 'node:sqlite';
import type { ResourceType } from '@medplum/fhirtypes';
import type { Stored } from '../store.ts';

/** A row of `resource` or `version`, as the statements give it. */
export interface VersionRow {
  readonly rid: number;
  readonly version: number;
  readonly updated: string;
  readonly method: Stored['method'];
  readonly body: Uint8Array | null;
}

const empty = new Uint8Array();

/** A row as the port shows it. */
export const storedOf = (type: ResourceType, id: string, row: VersionRow): Stored => ({
  type,
  id,
  version: row.version,
  lastUpdated: row.updated,
  method: row.method,
  deleted: row.body === null,
  json: row.body ?? empty,
});

/** The numbers that stand for the resource types in this store. */
export interface Types {
  number(type: ResourceType): number;
  name(number: number): ResourceType;
}

export function typesOf(database: DatabaseSync): Types {
  const rows = database.prepare('SELECT type, name FROM resource_type').all() as {
    type: number;
    name: ResourceType;
  }[];
  const numbers = new Map(rows.map(({ type, name }) => [name, type]));
  const names = new Map(rows.map(({ type, name }) => [type, name]));
  return {
    number: (type) => numbers.get(type) ?? -1,
    name: (number) => {
      const name = names.get(number);
      if (name === undefined) throw new Error(`the store has no resource type number ${number}`);
      return name;
    },
  };
}
