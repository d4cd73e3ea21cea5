import type { Made } from './record.ts';

/** A transaction that puts resources under their ids. */
export const putBundle = (resources: readonly Made[]): string =>
  JSON.stringify({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    })),
  });

/** A transaction that creates resources under ids of the server's, which refer to each other by urn:uuid. */
export function postBundle(resources: readonly Made[]): string {
  const urlOf = new Map(
    resources.map(({ resourceType, id }, i) => [
      `${resourceType}/${id}`,
      `urn:uuid:00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    ]),
  );
  const entry = resources.map(({ id, ...resource }) => ({
    fullUrl: urlOf.get(`${resource.resourceType}/${id}`),
    resource,
    request: { method: 'POST', url: resource.resourceType },
  }));
  return JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }, (key, value: unknown) =>
    key === 'reference' && typeof value === 'string' ? (urlOf.get(value) ?? value) : value,
  );
}
