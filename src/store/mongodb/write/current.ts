import type { ClientSession } from 'mongodb';
import type { Stored } from '../../store.ts';
import {
  storedFields,
  storedOf,
  type Collections,
  type ResourceDocument,
} from '../connection/collections.ts';

/** The current version, with the fields that the next one takes over. */
export interface Current extends Stored {
  readonly order: number;
  readonly key: string; // of the shard
  readonly writeOrder: number;
}

export const currentFields = { ...storedFields, o: 1, k: 1, w: 1 } as const;

export const currentOf = (document: ResourceDocument): Current => ({
  ...storedOf(document._id, document.v, document),
  order: document.o,
  key: document.k,
  writeOrder: document.w,
});

/** The current versions of resources, the deleted ones too, by their references; none for what is not known. */
export async function currentOfAll(
  { resource }: Collections,
  references: readonly string[],
  options: { readonly session?: ClientSession } = {},
): Promise<ReadonlyMap<string, Current>> {
  if (references.length === 0) return new Map();
  const [only = ''] = references;
  const filter = { _id: references.length === 1 ? only : { $in: references } };
  const rows = await resource
    .find(filter, { projection: currentFields, batchSize: references.length + 1, ...options })
    .toArray();
  return new Map(rows.map((row) => [row._id, currentOf(row)]));
}
