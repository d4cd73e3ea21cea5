import { Readable } from 'node:stream';
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { parseJson, toJson } from '../../datatypes/json.ts';
import { parametersOf, type Client, type Reply } from './client.ts';

/** A server that runs elsewhere, by HTTP; `base` is its FHIR base, `token` goes along as Bearer. */
export function remoteClient(base: string, token: string | undefined): Client {
  const send = async (method: string, url: string, body?: object, key?: string): Promise<Reply> => {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/fhir+json',
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: toJson(body) }),
    });
    const text = await response.text();
    return { status: response.status, resource: text === '' ? undefined : (parseJson(text) as Resource) };
  };
  const get = async <T extends Resource>(url: string): Promise<T> => {
    const { status, resource } = await send('GET', url);
    if (status !== 200 || resource === undefined) throw new Error(`GET ${url} answered ${status}`);
    return resource as T;
  };
  return {
    post: (bundle, key) => send('POST', base, bundle, key),
    import: async (lines) => {
      const response = await fetch(`${base}/$import`, {
        method: 'POST',
        headers: {
          accept: 'application/fhir+json',
          'content-type': 'application/fhir+ndjson',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: Readable.from(lines),
        duplex: 'half',
      });
      return { status: response.status, resource: parseJson(await response.text()) as Resource };
    },
    call: (path, parameters) => send('POST', `${base}/${path}`, parametersOf(parameters)),
    read: (type, id) => get(`${base}/${type}/${id}`),
    find: async <T extends Resource>(type: string, parameters: Readonly<Record<string, string>>) => {
      const found: T[] = [];
      const query = new URLSearchParams({ ...parameters, _count: '500' }).toString();
      for (let url: string | undefined = `${base}/${type}?${query}`; url !== undefined;) {
        const page: Bundle<T> = await get<Bundle<T>>(url);
        found.push(...(page.entry ?? []).flatMap((e: BundleEntry<T>) => e.resource ?? []));
        url = page.link?.find(({ relation }) => relation === 'next')?.url;
      }
      return found;
    },
  };
}
