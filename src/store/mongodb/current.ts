import { storedFields, storedOf, type ResourceDocument } from './collections.ts';
import type { Stored } from '../store.ts';

/** The current version with what its next one takes over. */
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
