import { readFileSync } from 'node:fs';
import type {
  Bundle,
  ChargeItem,
  Claim,
  ClaimResponse,
  OperationOutcome,
  ParametersParameter,
  Resource,
} from '@medplum/fhirtypes';
import supertest from 'supertest';
import { createApp } from '../../src/app.ts';
import type { Context } from '../../src/interaction/context.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import type { Store } from '../../src/store/store.ts';
import { testContext } from '../context.ts';
import { fhirJson } from '../http/server.ts';

/** An answer, read for its issues, its resources and its status. */
export interface Said {
  readonly status: number;
  readonly body: Resource;
  readonly issues: OperationOutcome['issue'];
  readonly codes: (string | undefined)[];
  /** What the issues of a code say. */
  readonly text: (code: string) => string;
  all<T extends Resource>(name: string): T[];
}

/** The demo practice without its visits behind HTTP: parties, charge master, maps and plans. */
export interface Office {
  readonly context: Context;
  send(method: 'get' | 'put' | 'post' | 'patch' | 'delete', path: string, body?: unknown): Promise<Said>;
  /** POSTs lines of NDJSON. */
  ndjson(path: string, lines: string): Promise<Said>;
  /** PUTs resources; the answer must be 200 or 201. */
  put(...resources: (Resource & { id: string })[]): Promise<void>;
  read<T extends Resource>(type: T['resourceType'], id: string): Promise<T & { id: string }>;
  find<T extends Resource>(query: string): Promise<(T & { id: string })[]>;
  call(path: string, parameter?: readonly ParametersParameter[]): Promise<Said>;
  /** The charges of a visit after $capture-charges. */
  charges(encounter: string): Promise<ChargeItem[]>;
  /** The claims of a visit after $generate-claim. */
  claims(encounter: string, on?: string): Promise<Claim[]>;
  submit(claim: Claim | undefined, on?: string): Promise<ClaimResponse>;
  close(): Promise<void>;
}

const seeded = [
  '01-organization.json',
  '02-practitioner.json',
  '04-charge-master.json',
  '05-concept-maps.json',
  '06-insurance-plans.json',
];
const seedText = (file: string): string =>
  readFileSync(new URL(`../../seed/${file}`, import.meta.url), 'utf8');

export const on = (valueDate: string): ParametersParameter => ({ name: 'businessDate', valueDate });

export async function openOffice(open: () => Promise<Store>, over: Partial<Context> = {}): Promise<Office> {
  const store = await open();
  const context = await testContext({ now: () => '2026-11-24T15:00:00Z', ...over, store });
  const http = supertest(createApp(context));
  const send: Office['send'] = async (method, path, body) => {
    const type = method === 'patch' ? 'application/json-patch+json' : fhirJson;
    const request = http[method](`/fhir/${path}`).set('Content-Type', type);
    const answer = (await (body === undefined ? request : request.send(JSON.stringify(body)))) as {
      status: number;
      body: unknown;
    };
    return said(answer.status, answer.body as Resource);
  };
  const put: Office['put'] = async (...resources) => {
    for (const resource of resources) {
      const { status, body } = await send('put', `${resource.resourceType}/${resource.id}`, resource);
      if (status !== 200 && status !== 201) throw new Error(`${resource.id}: ${JSON.stringify(body)}`);
    }
  };
  const call: Office['call'] = (path, parameter = []) =>
    send('post', path, { resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) });
  const good = async (path: string, parameter: readonly ParametersParameter[] = []): Promise<Said> => {
    const answer = await call(path, parameter);
    if (answer.status !== 200) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer;
  };
  for (const file of seeded) {
    const { status, body } = await send('post', '', JSON.parse(seedText(file)));
    if (status !== 200) throw new Error(`${file}: ${JSON.stringify(body)}`);
  }
  return {
    context,
    send,
    put,
    call,
    ndjson: async (path, lines) => {
      const answer = (await http
        .post(`/fhir/${path}`)
        .set('Content-Type', 'application/fhir+ndjson')
        .send(lines)) as { status: number; body: unknown };
      return said(answer.status, answer.body as Resource);
    },
    read: async <T extends Resource>(type: T['resourceType'], id: string) =>
      (await send('get', `${type}/${id}`)).body as T & { id: string },
    find: async <T extends Resource>(query: string) => {
      const { body } = await send('get', `${query}${query.includes('?') ? '&' : '?'}_count=200`);
      return ((body as Bundle).entry ?? []).flatMap((e) => e.resource as T & { id: string });
    },
    charges: async (encounter) =>
      (await good(`Encounter/${encounter}/$capture-charges`)).all<ChargeItem>('charge'),
    claims: async (encounter, day) =>
      (await good(`Encounter/${encounter}/$generate-claim`, day === undefined ? [] : [on(day)])).all<Claim>(
        'claim',
      ),
    submit: async (claim, day) =>
      (await good(`Claim/${claim?.id ?? ''}/$submit`, day === undefined ? [] : [on(day)]))
        .body as ClaimResponse,
    close: () => store.close(),
  };
}

function said(status: number, body: Resource): Said {
  const parameters = body.resourceType === 'Parameters' ? (body.parameter ?? []) : [];
  const outcome =
    body.resourceType === 'OperationOutcome'
      ? body
      : (parameters.find((p) => p.name === 'outcome')?.resource as OperationOutcome | undefined);
  const issues = outcome?.issue ?? [];
  return {
    status,
    body,
    issues,
    codes: issues.map(codeOfIssue),
    text: (code) =>
      issues.flatMap((i) => (codeOfIssue(i) === code ? [i.details?.text ?? ''] : [])).join('\n'),
    all: <T extends Resource>(name: string) =>
      parameters.filter((p) => p.name === name).map((p) => p.resource as T),
  };
}
