import type { OperationOutcome, Resource, ResourceType } from '@medplum/fhirtypes';
import supertest, { type Response, type Test } from 'supertest';
import { createApp } from '../../src/app.ts';
import type { Settings } from '../../src/http/settings.ts';
import type { Context } from '../../src/interaction/context.ts';
import type { OperationContext } from '../../src/operation/operation.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { parsePairs } from '../../src/search/parse.ts';
import { testContext } from '../context.ts';

export interface TestServer {
  readonly context: Context;
  readonly http: ReturnType<typeof supertest>;
  /** PUTs resources as they are; fails when one is refused. */
  load(...resources: (Resource & { id: string })[]): Promise<void>;
}

/** The whole server on an empty store in memory. */
export async function testServer(
  settings: Partial<Settings> = {},
  over: Partial<OperationContext> = {},
): Promise<TestServer> {
  const context = await testContext(over);
  const http = supertest(createApp(context, settings));
  const load = async (...resources: (Resource & { id: string })[]): Promise<void> => {
    for (const resource of resources) {
      const { status, body } = await put(http, resource);
      if (status >= 300) throw new Error(`${resource.resourceType}/${resource.id}: ${JSON.stringify(body)}`);
    }
  };
  return { context, http, load };
}

/** An answer whose body nobody has judged yet. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: unknown;
}
const asReply = (response: Response): Reply => response;

/** Sends a request that supertest has made. */
export const sent = (test: Test): Promise<Reply> => test.then(asReply);

export const fhirJson = 'application/fhir+json';

/** PUT of a resource at its own URL. */
export const put = (http: TestServer['http'], resource: Resource & { id: string }): Promise<Reply> =>
  http
    .put(`/fhir/${resource.resourceType}/${resource.id}`)
    .set('Content-Type', fhirJson)
    .send(JSON.stringify(resource))
    .then(asReply);

/** POST of anything as FHIR JSON. */
export const post = (
  http: TestServer['http'],
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> =>
  http
    .post(`/fhir${path}`)
    .set('Content-Type', fhirJson)
    .set(headers)
    .send(typeof body === 'string' ? body : JSON.stringify(body))
    .then(asReply);

/** What an OperationOutcome says, as far as tests assert it. */
export const said = ({ body }: Reply): { code: string | undefined; expression: string | undefined }[] =>
  ((body as Partial<OperationOutcome>).issue ?? []).map((issue) => ({
    code: codeOfIssue(issue),
    expression: issue.expression?.[0],
  }));

const looked: readonly ResourceType[] = [
  'Patient',
  'Practitioner',
  'Organization',
  'Encounter',
  'Coverage',
  'Observation',
  'Account',
  'Basic',
  'AuditEvent',
  'Claim',
];

/** Every version of every resource of the types that tests write, and the journal: equal means nothing was written. */
export async function everything({ store }: Context): Promise<unknown> {
  const versions: unknown[] = [];
  for (const type of looked) {
    const { matches } = await store.search(parsePairs(type, [['_count', '1000']]));
    for (const { id } of matches) {
      const history = await store.history(type, id, { count: 1000 });
      versions.push(history.map((v) => [type, id, v.version, new TextDecoder().decode(v.json)]));
    }
  }
  return { versions, journal: await store.entries({ count: 1000 }) };
}
