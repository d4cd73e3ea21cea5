import { createHash } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OperationOutcome, Resource } from '@medplum/fhirtypes';
import { createApp } from '../../../src/app.ts';
import { codeOfIssue } from '../../../src/outcome/issue.ts';
import type { Store } from '../../../src/store/store.ts';
import { testContext } from '../../context.ts';
import { bundle, del, entry, patient, post, type Sent } from './row.ts';
import { httpServer } from '../../httpServer.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly allow: string | undefined; // what a 405 says is allowed
  readonly code: string | undefined; // of the first issue
  readonly said: string; // texts and expressions of all issues
}

/** A server that listens, with a little in its store. */
export interface World {
  send(sent: Sent): Promise<Answer>;
  /** Equal as long as nothing is written: no version, no journal entry. */
  digest(): Promise<string>;
  close(): Promise<void>;
}

const identified = (value: string): object => ({
  identifier: [{ system: 'urn:example', value }],
  gender: 'male',
});
const all: readonly (Record<string, unknown> & { resourceType: string; id?: string })[] = [
  patient({ ...identified('0'), birthDate: '1980-12-30' }),
  patient({ ...identified('1'), name: [{ family: 'Quill' }, { family: 'Ink' }] }),
  patient({ id: 'p2', ...identified('2') }),
  patient({ id: 'gone' }),
  {
    resourceType: 'Encounter',
    id: 'e1',
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: 'Patient/p1' },
  },
  {
    resourceType: 'Observation',
    id: 'o1',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
    subject: { reference: 'Patient/p1' },
    valueQuantity: { value: 120, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  },
  { resourceType: 'Account', id: 'a1', status: 'active', subject: [{ reference: 'Patient/p1' }] },
  { resourceType: 'Basic', id: 'b1', code: { text: 'a' } },
].map((resource) => resource as Record<string, unknown> & { resourceType: string; id?: string });

export async function openWorld(store: Store): Promise<World> {
  const context = await testContext({ store });
  const server = httpServer(createApp(context));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const send = (sent: Sent): Promise<Answer> => sendTo(port, sent);
  for (const resource of all) {
    const { status, said } = await send(
      post(
        '',
        bundle('transaction', entry('PUT', `${resource.resourceType}/${resource.id ?? ''}`, resource)),
      ),
    );
    if (status !== 200) throw new Error(said);
  }
  await send(del('Patient/gone'));
  const first: Resource = { resourceType: 'Basic', code: { text: 'a' } };
  await send(post('Basic', first, { 'idempotency-key': 'used' }));
  return {
    send,
    digest: () => digestOf(store),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await context.store.close();
    },
  };
}

/** All versions of all resources, and the journal. */
async function digestOf(store: Store): Promise<string> {
  const hash = createHash('sha256');
  let cursor: string | undefined;
  do {
    const page = await store.changes({ count: 1000, ...(cursor === undefined ? {} : { cursor }) });
    for (const { type, id, version, lastUpdated, method, json } of page.versions)
      hash.update(JSON.stringify([type, id, version, lastUpdated, method])).update(json);
    cursor = page.next;
  } while (cursor !== undefined);
  hash.update(JSON.stringify(await store.entries({ count: 1000 })));
  return hash.digest('hex');
}

/** Sends bytes as they are: a path is not tidied on its way. */
function sendTo(port: number, { method, path, headers, body }: Sent): Promise<Answer> {
  const slash = path.startsWith('?') || path === '' ? '' : '/';
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        method,
        path: `/fhir${slash}${path}`,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString()));
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function answerOf(
  status: number,
  { 'content-type': type = '', allow }: IncomingHttpHeaders,
  text: string,
): Answer {
  const { issue = [] } = (text.startsWith('{') ? JSON.parse(text) : {}) as Partial<OperationOutcome>;
  const [first] = issue;
  return {
    status,
    type,
    allow,
    code: first && codeOfIssue(first),
    said: issue.map((i) => [i.details?.text, ...(i.expression ?? [])].join(' ')).join(' '),
  };
}
