import type { Bundle, CapabilityStatement, Resource } from '@medplum/fhirtypes';
import { seed } from '../../../src/command/seed.ts';
import type { PracticeName } from '../../../src/command/seed/practice.ts';
import type { Store } from '../../../src/store/store.ts';
import { validateResource } from '../../../src/validation/validate.ts';
import { listen, type Listening } from '../../http/listening.ts';

/** A shipped practice behind HTTP, asked as the public suites ask: GET, or POST to _search, and the first page only. */
export interface Asked {
  readonly server: Listening;
  readonly metadata: () => Promise<CapabilityStatement>;
  /** The Bundle of a search; its status must be 200. */
  readonly bundle: (query: string) => Promise<Bundle>;
  /** Its matches. */
  readonly search: <T extends Resource>(query: string) => Promise<T[]>;
  /** What it includes. */
  readonly included: (query: string) => Promise<Resource[]>;
  /** The matches of the same search sent as a form. */
  readonly posted: (query: string) => Promise<Resource[]>;
  readonly read: <T extends Resource>(path: string) => Promise<T>;
}

const json = { accept: 'application/fhir+json' };

/** Loads a shipped practice into a store, an empty one in memory where none is given, and serves it. */
export async function openShipped(name: PracticeName, store?: Store): Promise<Asked> {
  const server = await listen({ validate: validateResource, ...(store ? { store } : {}) });
  await seed(server.context, name);
  const parsed = (text: string, status: number, what: string): unknown => {
    if (status !== 200) throw new Error(`${what} answered ${status}: ${text.slice(0, 400)}`);
    return JSON.parse(text) as unknown;
  };
  const get = async (path: string): Promise<unknown> => {
    const { status, text } = await server.send('GET', `/fhir/${path}`, '', json);
    return parsed(text, status, path);
  };
  const matches = (bundle: Bundle, mode: 'match' | 'include'): Resource[] =>
    (bundle.entry ?? []).flatMap((e) => (e.search?.mode === mode && e.resource ? [e.resource] : []));
  const bundle = async (query: string): Promise<Bundle> => (await get(query)) as Bundle;
  return {
    server,
    metadata: async () => (await get('metadata')) as CapabilityStatement,
    bundle,
    search: async <T extends Resource>(query: string) => matches(await bundle(query), 'match') as T[],
    included: async (query) => matches(await bundle(query), 'include'),
    posted: async (query) => {
      const [type = '', form = ''] = query.split('?');
      const headers = { ...json, 'content-type': 'application/x-www-form-urlencoded' };
      const { status, text } = await server.send('POST', `/fhir/${type}/_search`, form, headers);
      return matches(parsed(text, status, query) as Bundle, 'match');
    },
    read: async <T extends Resource>(path: string) => (await get(path)) as T,
  };
}
