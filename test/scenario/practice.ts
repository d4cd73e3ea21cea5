import supertest from 'supertest';
import type { Bundle, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import { seed } from '../../src/command/seed.ts';
import type { Context } from '../../src/interaction/context.ts';
import { validateResource } from '../../src/validation/validate.ts';
import { testContext } from '../context.ts';
import { httpServer } from '../httpServer.ts';

interface Got {
  readonly status: number;
  readonly body: unknown;
}

/** The seeded demo practice behind HTTP, and the store it stands on. */
export interface Practice {
  readonly context: Context;
  read<T extends Resource>(path: string): Promise<T>;
  search<T extends Resource>(query: string): Promise<T[]>;
  /** POSTs an operation's parameters; the status must be 200. */
  call<T extends Resource = Parameters>(
    path: string,
    parameters?: readonly ParametersParameter[],
  ): Promise<T>;
  put(resource: Resource): Promise<void>;
}

/** A context on an empty in-memory store that judges what is written, as the server does. */
export const soundContext = (): Promise<Context> => testContext({ validate: validateResource });

/** Opens an empty store, seeds it and serves it. */
export async function openPractice(): Promise<Practice> {
  const context = await soundContext();
  await seed(context);
  return openedPractice(context, supertest(httpServer(createApp(context))));
}

/** A practice that is loaded already. */
export function openedPractice(context: Context, http: ReturnType<typeof supertest>): Practice {
  const get = async (path: string): Promise<unknown> => {
    const { status, body } = (await http.get(`/fhir/${path}`)) as Got;
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    context,
    read: async <T extends Resource>(path: string) => (await get(path)) as T,
    search: async <T extends Resource>(query: string) => {
      const bundle = (await get(`${query}${query.includes('?') ? '&' : '?'}_count=200`)) as Bundle<T>;
      return (bundle.entry ?? []).flatMap(({ resource }) => resource ?? []);
    },
    call: async <T extends Resource>(path: string, parameter: readonly ParametersParameter[] = []) => {
      const sent = { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) };
      const { status, body } = (await http
        .post(`/fhir/${path}`)
        .set('content-type', 'application/fhir+json')
        .send(JSON.stringify(sent))) as Got;
      if (status !== 200) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(body)}`);
      return body as T;
    },
    put: async (resource) => {
      const { status, body } = (await http
        .put(`/fhir/${resource.resourceType}/${resource.id ?? ''}`)
        .set('content-type', 'application/fhir+json')
        .send(JSON.stringify(resource))) as Got;
      if (status !== 200 && status !== 201)
        throw new Error(`PUT answered ${status}: ${JSON.stringify(body)}`);
    },
  };
}
