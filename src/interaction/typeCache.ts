import type { ResourceType } from '@medplum/fhirtypes';
import { asServer } from '../store/access/asServer.ts';
import type { Reader } from '../store/store.ts';
import type { Context } from './context.ts';

interface Kept {
  readonly generations: readonly (number | string)[];
  readonly value: unknown;
}
const kept = new WeakMap<object, Map<string, Kept>>();

/**
 * What is computed from whole types that seldom change (a code map from all ConceptMaps, a price list from all
 * ChargeItemDefinitions), computed again only when a resource of these types was written since. It is the same for all
 * who ask, so it is built from what the server sees: `build` reads by the reader that it is given, never by the caller's.
 */
export async function typeCache<T>(
  context: Context,
  reader: Reader,
  from: {
    readonly key: string;
    readonly types: readonly ResourceType[];
    readonly build: (reader: Reader) => Promise<T>;
  },
): Promise<T> {
  const server = asServer(reader);
  const generations = await Promise.all(from.types.map((type) => server.generation(type)));
  const store = asServer(context.store);
  const ofStore = kept.get(store) ?? new Map<string, Kept>();
  kept.set(store, ofStore);
  const known = ofStore.get(from.key);
  if (known?.generations.every((g, i) => g === generations[i])) return known.value as T;
  const value = await from.build(server);
  ofStore.set(from.key, { generations, value });
  return value;
}
