import { readFileSync } from 'node:fs';
import type { Bundle, OperationOutcome, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import type supertest from 'supertest';
import { seedFiles } from '../../src/command/seed.ts';
import type { Entry } from '../../src/datatypes/entry.ts';
import type { Context } from '../../src/interaction/context.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import type { Store } from '../../src/store/store.ts';
import { kneeVisit } from '../fixture/kneeVisit.ts';
import { post, put, sent, testServer, type Reply } from '../http/server.ts';

type Stored<T> = T & { id: string };

/** The demo practice behind HTTP, with the visit of the README charted as often as a test wants it. */
export interface KneeOffice {
  readonly context: Context;
  readonly store: Store;
  readonly http: ReturnType<typeof supertest>;
  /** Charts the visit under a name of its own; answers with the path of its Encounter. */
  visit(name: string): Promise<string>;
  /** POST of an operation: '[type]/[id]/$code'. */
  run(path: string, parameters?: readonly ParametersParameter[]): Promise<Ran>;
  get<T extends Resource>(path: string): Promise<Stored<T>>;
  /** PUT of a resource as a client has it; the text may be given to keep decimals. */
  put(resource: Resource, text?: string): Promise<Reply>;
  delete(path: string): Promise<Reply>;
  /** Reads a resource, changes it and PUTs it back. */
  change<T extends Resource>(path: string, edit: (resource: T) => void): Promise<Reply>;
  journal(): Promise<Entry[]>;
}

/** What an operation answered. */
export interface Ran {
  readonly status: number;
  readonly codes: readonly (string | undefined)[]; // of all issues
  readonly text: string;
  /** The one resource it answered with, or the first of a name. */
  one<T extends Resource>(name?: string): Stored<T>;
  all<T extends Resource>(name: string): Stored<T>[];
}

const day = '2026-06-01';
const folder = new URL('../../seed/', import.meta.url);
const practice = seedFiles()
  .flatMap((file) => (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Bundle).entry ?? [])
  .flatMap(({ resource }) => (resource ? [resource] : []));

/** Opens the office on a store; today is 2026-11-24. */
export async function kneeOffice(
  open: () => Promise<Store>,
  over: Partial<OperationContext> = {},
): Promise<KneeOffice> {
  const store = await open();
  const { context, http } = await testServer({}, { now: () => '2026-11-24T15:00:00Z', ...over, store });
  const loaded = await post(http, '/$import', {
    resourceType: 'Parameters',
    parameter: practice.map((resource) => ({ name: 'resource', resource })),
  });
  if (loaded.status !== 200) throw new Error(loaded.text);
  const get = async <T extends Resource>(path: string): Promise<Stored<T>> => {
    const { status, text } = await sent(http.get(`/fhir/${path}`));
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as Stored<T>;
  };
  const write = (resource: Resource, text?: string): Promise<Reply> =>
    text === undefined
      ? put(http, resource as Stored<Resource>)
      : sent(
          http
            .put(`/fhir/${resource.resourceType}/${resource.id ?? ''}`)
            .set('Content-Type', 'application/fhir+json')
            .send(text),
        );
  return {
    context,
    store,
    http,
    get,
    put: write,
    visit: async (name) => {
      const { status, text } = await post(http, '', kneeVisit(name, day));
      if (status !== 200) throw new Error(text);
      return `Encounter/${name}-visit`;
    },
    run: async (path, parameters = []) => ran(await post(http, `/${path}`, parametersOf(parameters))),
    delete: (path) => sent(http.delete(`/fhir/${path}`)),
    change: async <T extends Resource>(path: string, edit: (resource: T) => void) => {
      const resource = await get<T>(path);
      edit(resource);
      return write(resource);
    },
    journal: async () => (await store.entries({ count: 10_000 })).entries,
  };
}

const parametersOf = (parameters: readonly ParametersParameter[]): Parameters => ({
  resourceType: 'Parameters',
  ...(parameters.length > 0 ? { parameter: [...parameters] } : {}),
});

function ran({ status, text }: Reply): Ran {
  const body = JSON.parse(text) as Resource;
  const named = body.resourceType === 'Parameters' ? (body.parameter ?? []) : [];
  const outcome = named.find((p) => p.name === 'outcome')?.resource as OperationOutcome | undefined;
  const issues = body.resourceType === 'OperationOutcome' ? body.issue : (outcome?.issue ?? []);
  const all = <T extends Resource>(name: string): Stored<T>[] =>
    named.flatMap((p) => (p.name === name && p.resource ? [p.resource as Stored<T>] : []));
  return {
    status,
    text,
    codes: issues.map(codeOfIssue),
    all,
    one: <T extends Resource>(name?: string) => {
      const found = name === undefined ? (body as Stored<T>) : all<T>(name)[0];
      if (!found) throw new Error(`no ${name ?? 'resource'} in ${status} ${text}`);
      return found;
    },
  };
}

/** The codes an answer's issues have. */
export const codes = ({ body }: Reply): (string | undefined)[] =>
  ((body as Partial<OperationOutcome>).issue ?? []).map(codeOfIssue);
