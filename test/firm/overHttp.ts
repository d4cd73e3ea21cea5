import type { OperationOutcome, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { codeOfIssue, type Issue } from '../../src/outcome/issue.ts';
import { fhirJson, testServer, type TestServer } from '../http/server.ts';
import type { Context } from '../../src/interaction/context.ts';
import type { Store } from '../../src/store/store.ts';

/** What an operation answered over HTTP, or why it refused. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly issues: readonly Issue[];
  readonly codes: readonly (string | undefined)[];
  all<T extends Resource>(name: string): T[];
}

/** The whole server on a store, asked over HTTP. */
export interface Firm extends TestServer {
  call(path: string, parameters?: readonly ParametersParameter[]): Promise<Answer>;
  get<T>(path: string): Promise<T>;
  put(resource: Resource & { id: string }): Promise<Answer>;
}

const issuesOf = (body: unknown): readonly Issue[] => {
  const resource = body as Resource;
  if (resource.resourceType === 'OperationOutcome') return resource.issue;
  if (resource.resourceType !== 'Parameters') return [];
  const outcome = resource.parameter?.find((p) => p.name === 'outcome')?.resource as
    OperationOutcome | undefined;
  return outcome?.issue ?? [];
};

export function answerOf({ status, body }: { status: number; body: unknown }): Answer {
  const issues = issuesOf(body);
  return {
    status,
    body,
    issues,
    codes: issues.map(codeOfIssue),
    all: <T extends Resource>(name: string) =>
      ((body as Parameters).parameter ?? []).filter((p) => p.name === name).map((p) => p.resource as T),
  };
}

export async function openFirm(open: () => Promise<Store>, over: Partial<Context> = {}): Promise<Firm> {
  const server = await testServer({}, { store: await open(), ...over });
  const { http } = server;
  return {
    ...server,
    call: async (path, parameter = []) => {
      const sent = { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) };
      const reply = await http.post(`/fhir/${path}`).set('content-type', fhirJson).send(JSON.stringify(sent));
      return answerOf(reply);
    },
    get: async <T>(path: string) => {
      const { status, body } = (await http.get(`/fhir/${path}`)) as { status: number; body: unknown };
      if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
      return body as T;
    },
    put: async (resource) => {
      const reply = await http
        .put(`/fhir/${resource.resourceType}/${resource.id}`)
        .set('content-type', fhirJson)
        .send(JSON.stringify(resource));
      return answerOf(reply);
    },
  };
}

/** A parameter of a Reference. */
export const named = (name: string, reference: string): ParametersParameter => ({
  name,
  valueReference: { reference },
});

export const text = (name: string, valueString: string): ParametersParameter => ({ name, valueString });
