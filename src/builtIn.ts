import type { Resource, ResourceType } from '@medplum/fhirtypes';
import { changed, copyOf } from './datatypes/json.ts';
import type { BuiltIn } from './interaction/conformance/builtIn.ts';
import { putShipped } from './interaction/repository.ts';
import { openStore } from './store/openStore.ts';
import type { Store } from './store/store.ts';

/** Conformance resources in a store of their own, in memory; of two with one id the later counts. */
export function builtInOf(resources: readonly Resource[], now: () => string): BuiltIn {
  const all = new Map<string, Resource & { id: string }>();
  for (const resource of resources) {
    const { id, resourceType } = resource;
    if (id !== undefined) all.set(`${resourceType}/${id}`, changed(resource, { id }));
  }
  const ids = new Map<ResourceType, string[]>();
  for (const { resourceType, id } of all.values())
    ids.set(resourceType, [...(ids.get(resourceType) ?? []), id]);
  // Filled at once: inside a transaction of another store nobody may wait for it.
  const opened = filled([...all.values()], now);
  return { ids, reader: () => opened };
}

async function filled(resources: readonly (Resource & { id: string })[], now: () => string): Promise<Store> {
  const store = await openStore('sqlite::memory:', { now });
  await store.transaction(async (tx) => {
    for (const resource of resources) await putShipped(tx, copyOf(resource));
  });
  return store;
}
