import type { Resource, ResourceType } from '@medplum/fhirtypes';
import type { BuiltIn } from './interaction/builtIn.ts';
import { openStore } from './store/openStore.ts';
import type { Store } from './store/store.ts';

/** Conformance resources in a store of their own, in memory; of two with one id the later counts. */
export function builtInOf(resources: readonly Resource[], now: () => string): BuiltIn {
  const all = new Map<string, Resource & { id: string }>();
  for (const resource of resources) {
    const { id, resourceType } = resource;
    if (id !== undefined) all.set(`${resourceType}/${id}`, { ...resource, id });
  }
  const ids = new Map<ResourceType, string[]>();
  for (const { resourceType, id } of all.values())
    ids.set(resourceType, [...(ids.get(resourceType) ?? []), id]);
  let opened: Promise<Store> | undefined;
  return { ids, reader: () => (opened ??= filled([...all.values()], now)) };
}

async function filled(resources: readonly (Resource & { id: string })[], now: () => string): Promise<Store> {
  const store = await openStore('sqlite::memory:', { now });
  await store.transaction(async (tx) => {
    for (const resource of resources) await tx.put(structuredClone(resource), { fresh: true });
  });
  return store;
}
