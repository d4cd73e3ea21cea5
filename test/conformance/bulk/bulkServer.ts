import type { Resource } from '@medplum/fhirtypes';
import type { Express } from 'express';
import request, { type Response, type Test } from 'supertest';
import { createApp } from '../../../src/app.ts';
import type { Principal } from '../../../src/interaction/asCaller.ts';
import type { OperationContext } from '../../../src/operation/operation.ts';
import type { Store } from '../../../src/store/store.ts';
import { testContext } from '../../context.ts';

export interface Manifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly { readonly type: string; readonly url: string; readonly count: number }[];
  readonly deleted?: Manifest['output'];
  readonly error: Manifest['output'];
}

/** A server that exports, and a client of it. */
export class BulkServer {
  readonly app: Express;
  readonly context: OperationContext;
  /** Who a request is from, by its header x-caller. */
  readonly principals = new Map<string, Principal>();

  private constructor(context: OperationContext) {
    this.context = context;
    this.app = createApp(context, {
      principalOf: ({ headers }) =>
        this.principals.get(String(headers['x-caller'])) ?? {
          name: String(headers['x-caller'] ?? 'anonymous'),
        },
    });
  }

  static async on(store: Store): Promise<BulkServer> {
    return new BulkServer(await testContext({ store }));
  }

  load(...resources: readonly (Resource & { id: string })[]): Promise<void> {
    return this.context.store.transaction(async (tx) => {
      for (const resource of resources) await tx.put(structuredClone(resource));
    });
  }

  kickOff(path: string, headers: Readonly<Record<string, string>> = {}, body?: object): Test {
    const http = request(this.app);
    const asked = body ? http.post(`/fhir/${path}`).send(body) : http.get(`/fhir/${path}`);
    return asked
      .set({ accept: 'application/fhir+json', prefer: 'respond-async', ...headers })
      .set(body ? { 'content-type': 'application/fhir+json' } : {});
  }

  ask(url: string, method: 'get' | 'delete' = 'get', headers: Readonly<Record<string, string>> = {}): Test {
    return request(this.app)[method](new URL(url).pathname).set(headers);
  }

  /** The answer of the status once the export is no longer at work. */
  async ended(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const late = performance.now() + 60_000;
    for (;;) {
      if (performance.now() > late) throw new Error('the export does not end');
      const reply = await this.ask(url, 'get', { accept: 'application/json', ...headers });
      if (reply.status !== 202 && reply.status !== 429) return reply;
      await new Promise((resolve) => setTimeout(resolve, reply.status === 429 ? 500 : 50));
    }
  }

  async export(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: object,
  ): Promise<{ readonly status: string; readonly manifest: Manifest }> {
    const kicked = await this.kickOff(path, headers, body);
    if (kicked.status !== 202) throw new Error(`${kicked.status} ${kicked.text}`);
    const status = kicked.headers['content-location'] ?? '';
    const reply = await this.ended(status, headers);
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
    return { status, manifest: JSON.parse(reply.text) as Manifest };
  }

  async lines(
    files: Manifest['output'] | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Resource[]> {
    const found: Resource[] = [];
    for (const { url, count, type } of files ?? []) {
      const reply = await this.ask(url, 'get', { accept: 'application/fhir+ndjson', ...headers })
        .buffer(true)
        .parse(asText);
      const lines = String(reply.body)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Resource);
      if (lines.length !== count || lines.some(({ resourceType }) => resourceType !== type))
        throw new Error(`a file of ${type} is not what the manifest says`);
      found.push(...lines);
    }
    return found;
  }

  /** What an export holds, as Type/id/version in order of names. */
  async names(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: object,
  ): Promise<string[]> {
    const { manifest } = await this.export(path, headers, body);
    return namesOf(await this.lines(manifest.output, headers));
  }
}

export const namesOf = (resources: readonly Resource[]): string[] =>
  resources
    .map(({ resourceType, id, meta }) => `${resourceType}/${id ?? ''}/${meta?.versionId ?? ''}`)
    .sort();

/** What was received, as text: supertest knows no NDJSON. */
export const asText = (response: Response, done: (error: Error | null, body: unknown) => void): void => {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => {
    done(null, Buffer.concat(chunks).toString());
  });
};

const of = (id: string): { reference: string } => ({ reference: `Patient/${id}` });

/** Three patients, two of them in a group, with something of each, and what belongs to nobody. */
export const world: readonly (Resource & { id: string })[] = [
  {
    resourceType: 'Patient',
    id: 'ann',
    name: [{ family: 'Ann' }],
    birthDate: '1980-01-01',
    gender: 'female',
  },
  { resourceType: 'Patient', id: 'bob', name: [{ family: 'Bob' }] },
  { resourceType: 'Patient', id: 'cat', name: [{ family: 'Cat' }] },
  ...['ann', 'bob', 'cat'].map(
    (id) =>
      ({
        resourceType: 'Observation',
        id: `observation-${id}`,
        status: id === 'ann' ? 'final' : 'preliminary',
        code: { text: 'weight' },
        subject: of(id),
      }) as const,
  ),
  { resourceType: 'Organization', id: 'clinic', name: 'Clinic' },
  {
    resourceType: 'Group',
    id: 'two',
    type: 'person',
    actual: true,
    member: [{ entity: of('ann') }, { entity: of('bob') }, { entity: of('cat'), inactive: true }],
  },
];
