import { Readable } from 'node:stream';
import type { Bundle, BundleEntry, Resource } from '@medplum/fhirtypes';
import { parseJson, toJson } from '../../datatypes/json.ts';
import { parametersOf, type Client, type Reply } from './client.ts';

/** The server went away, or what answers at its URL is none of ours; the message says how to go on. */
export class ServerGone extends Error {}

/** A server that runs elsewhere, by HTTP; `base` is its FHIR base, `token` goes along as Bearer. */
export function remoteClient(base: string, token: string | undefined): Client {
  const ask = async (url: string, init: RequestInit): Promise<Reply> => {
    const { status, text } = await answerOf(base, url, init);
    try {
      return { status, resource: text === '' ? undefined : (parseJson(text) as Resource) };
    } catch {
      throw new ServerGone(
        `${base} answered ${status} with something that is no FHIR JSON: is this the FHIR base of the server, ` +
          `or does something before it answer in its place? ${goOn}`,
      );
    }
  };
  const send = (method: string, url: string, body?: object, key?: string): Promise<Reply> =>
    ask(url, {
      method,
      headers: {
        accept: 'application/fhir+json',
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: toJson(body) }),
    });
  const get = async <T extends Resource>(url: string): Promise<T> => {
    const { status, resource } = await send('GET', url);
    if (status !== 200 || resource === undefined) throw new Error(`GET ${url} answered ${status}`);
    return resource as T;
  };
  return {
    post: (bundle, key) => send('POST', base, bundle, key),
    import: (lines) =>
      ask(`${base}/$import`, {
        method: 'POST',
        headers: {
          accept: 'application/fhir+json',
          'content-type': 'application/fhir+ndjson',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: Readable.from(lines),
        duplex: 'half',
      }),
    call: (path, parameters, key) => send('POST', `${base}/${path}`, parametersOf(parameters), key),
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

const goOn =
  'What it acknowledged is kept. Once it answers again, run the same command: what is there already is neither ' +
  'loaded nor billed twice.';

/** The status and text of an answer; throws ServerGone when it does not come, or does not come to its end. */
async function answerOf(
  base: string,
  url: string,
  init: RequestInit,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new ServerGone(`The server at ${base} went away or cannot be reached${why}. ${goOn}`, {
      cause: error,
    });
  }
}
