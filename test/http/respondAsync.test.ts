import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, OperationOutcome, Patient } from '@medplum/fhirtypes';
import { createLog } from '../../src/http/log.ts';
import { codeOfIssue } from '../../src/outcome/issue.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { until } from '../until.ts';
import { eachStore } from './eachStore.ts';
import { post, said, sent, testServer, type Reply, type TestServer } from './server.ts';

const later = { Prefer: 'respond-async' };
const patient: Patient & { id: string } = { resourceType: 'Patient', id: 'p1', birthDate: '1980-12-31' };
const transaction: Bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [{ resource: patient, request: { method: 'POST', url: 'Patient' } }],
};

let server: TestServer;
beforeEach(async () => {
  server = await testServer();
});

const pathOf = ({ headers }: Reply): string => new URL(headers['content-location'] ?? '').pathname;
const ask = (path: string): Promise<Reply> => sent(server.http.get(path));
/** Asks until the answer is there. */
async function answerAt(path: string): Promise<Reply> {
  for (;;) {
    const reply = await ask(path);
    if (reply.status !== 202) return reply;
    expect(reply.headers['x-progress']).toMatch(/^at work for \d+ s$/);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('Prefer: respond-async', () => {
  test('answers a transaction 202, and its response at the URL it names', async () => {
    const kicked = await post(server.http, '/', transaction, later);
    expect([kicked.status, kicked.text]).toEqual([202, '']);
    expect(kicked.headers['content-location']).toMatch(
      /^http:\/\/127\.0\.0\.1:8080\/fhir\/\$async\/[0-9a-f-]{36}$/,
    );
    const { status, body } = await answerAt(pathOf(kicked));
    const { type, entry = [] } = body as Bundle;
    expect([status, type, entry[0]?.response?.status]).toEqual([200, 'batch-response', '200 OK']);
    expect(server.context.validate(body)).toEqual([]);
    expect((entry[0]?.resource as Bundle).type).toBe('transaction-response');
    expect(((await ask('/fhir/Patient')).body as Bundle).entry).toHaveLength(1);
  });

  test.each([
    ['a search', 'GET', 'Patient?birthdate=1980-12-31', 'Bundle'],
    ['a search by POST', 'POST', 'Patient/_search', 'Bundle'],
    ['an operation', 'GET', 'Account/a/$balance', 'OperationOutcome'],
  ])('is honoured for %s', async (_name, method, url, expected) => {
    await server.load(patient);
    const request = method === 'GET' ? server.http.get(`/fhir/${url}`) : server.http.post(`/fhir/${url}`);
    const kicked = await sent(request.set(later));
    expect(kicked.status).toBe(202);
    const [only] = ((await answerAt(pathOf(kicked))).body as Bundle).entry ?? [];
    expect((only?.resource ?? only?.response?.outcome)?.resourceType).toBe(expected);
  });

  test('tells of a refusal in the answer', async () => {
    const bad = {
      ...transaction,
      entry: [{ resource: { ...patient, birthDate: 'soon' }, request: { method: 'POST', url: 'Patient' } }],
    };
    const [only] =
      ((await answerAt(pathOf(await post(server.http, '/', bad, later)))).body as Bundle).entry ?? [];
    expect(only?.response?.status).toBe('422 Unprocessable Entity');
    expect((only?.response?.outcome as OperationOutcome).issue[0]?.expression).toEqual([
      'Bundle.entry[0].resource.birthDate',
    ]);
  });

  test('tells of a fault of ours without saying what it was', async () => {
    const lines: string[] = [];
    const log = createLog('error', () => '', { write: (text) => void lines.push(text) });
    const broken = await testServer(
      { log },
      {
        newId: () => {
          throw new TypeError('a fault of ours');
        },
      },
    );
    server = broken;
    const { text } = await answerAt(pathOf(await post(broken.http, '/', transaction, later)));
    expect(text).toContain('"500 Internal Server Error"');
    expect(text).not.toContain('a fault of ours');
    expect(lines.join()).toContain('a fault of ours');
  });

  test('refuses parameters that are unknown before it is taken on', async () => {
    const refused = await post(server.http, '?colour=red', transaction, later);
    expect([refused.status, refused.headers['content-location']]).toEqual([400, undefined]);
  });

  test('is not honoured for what is short, and not for what is malformed', async () => {
    expect((await post(server.http, '/Patient', patient, later)).status).toBe(201);
    expect((await post(server.http, '/', '{', later)).status).toBe(400);
    expect((await sent(server.http.get('/fhir/metadata').set(later))).status).toBe(200);
  });

  test('can be cancelled: nothing of it is kept', async () => {
    const store = await openStore('sqlite::memory:', { now: () => new Date().toISOString() });
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    server = await testServer({}, { store: stuck(store, held) });
    const path = pathOf(await post(server.http, '/', transaction, later));
    expect((await ask(path)).status).toBe(202);
    const deleted = sent(server.http.delete(path));
    await new Promise((resolve) => setTimeout(resolve, 50));
    go();
    expect((await deleted).status).toBe(202);
    await until(async () => (await ask(path)).status === 404);
    expect(await store.empty()).toBe(true);
  });

  test('is gone once it is deleted, and unknown to another server', async () => {
    const path = pathOf(await post(server.http, '/', transaction, later));
    await answerAt(path);
    expect((await sent(server.http.delete(path))).status).toBe(202);
    expect((await ask(path)).status).toBe(404);
    expect((await sent(server.http.delete(path))).status).toBe(404);
  });

  test.each([
    ['GET', '/fhir/$async/nobody', 404, 'not-found'],
    ['GET', '/fhir/$async/', 404, 'not-found'],
    ['GET', '/fhir/$async/nobody?x=1', 400, 'unknown-parameter'],
    ['POST', '/fhir/$async/nobody', 405, 'method-not-allowed'],
  ])('%s %s is %s', async (method, path, status, code) => {
    const reply = await sent(method === 'GET' ? server.http.get(path) : server.http.post(path));
    expect([reply.status, said(reply)[0]?.code]).toEqual([status, code]);
  });
});

describe.each(eachStore('async'))('on %s, what is answered later', (_name, open) => {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  test('is known to every server of the store, also to one that starts afterwards', async () => {
    const [one, other] = [await testServer({}, { store }), await testServer({}, { store })];
    server = one;
    const path = pathOf(await post(one.http, '/', transaction, later));
    const { body } = await answerAt(path);
    expect(((body as Bundle).entry?.[0]?.resource as Bundle).type).toBe('transaction-response');
    server = other;
    expect((await ask(path)).body).toEqual(body);
    expect((await sent(other.http.delete(path))).status).toBe(202);
    server = one;
    expect((await ask(path)).status).toBe(404);
  });

  test('and was at work in a server that is gone is interrupted', async () => {
    let time = Date.now();
    const now = (): string => new Date(time).toISOString();
    const dead = await testServer({}, { store: stuck(store), now });
    const path = pathOf(await post(dead.http, '/', transaction, later));
    server = await testServer({}, { store, now });
    time += 20_000;
    const working = await ask(path);
    expect([working.status, working.headers['x-progress']]).toEqual([202, 'at work for 20 s']);
    time += 20_000;
    const [only] = ((await ask(path)).body as Bundle).entry ?? [];
    expect([
      only?.response?.status,
      (only?.response?.outcome as OperationOutcome).issue.map(codeOfIssue),
    ]).toEqual(['503 Service Unavailable', ['interrupted']]);
    expect(server.context.validate((await ask(path)).body)).toEqual([]);
  });

  test('and is cancelled through another server leaves nothing', async () => {
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const one = await testServer({}, { store: stuck(store, held) });
    const other = await testServer({}, { store });
    const path = pathOf(await post(one.http, '/', transaction, later));
    expect((await sent(other.http.delete(path))).status).toBe(202);
    go();
    await until(async () => (await sent(one.http.get(path))).status === 404);
    expect(await store.empty()).toBe(true);
  });

  test('is kept whole, however long', async () => {
    server = await testServer({}, { store });
    const long = 'é'.repeat(900_000);
    await server.load(
      ...Array.from({ length: 9 }, (_, i) => ({ ...patient, id: `p${i}`, name: [{ text: long }] })),
    );
    const path = pathOf(await sent(server.http.get('/fhir/Patient').set(later)));
    const found = ((await answerAt(path)).body as Bundle).entry?.[0]?.resource as Bundle;
    expect(found.entry?.map(({ resource }) => (resource as Patient).name?.[0]?.text?.length)).toEqual(
      Array.from({ length: 9 }, () => 900_000),
    );
  });
});

/** A store whose second transaction and all that follow wait. */
function stuck(store: Store, until: Promise<void> = new Promise(() => undefined)): Store {
  let isKnown = false;
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'transaction')
        return async (work: Parameters<Store['transaction']>[0]) => {
          if (isKnown) await until;
          isKnown = true;
          return store.transaction(work);
        };
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe('Prefer', () => {
  test('of what nobody knows is no fault', async () => {
    const prefer = { Prefer: 'wait=10, colour="red"; return=minimal' };
    const reply = await post(server.http, '/Patient', patient, prefer);
    expect([reply.status, reply.text]).toEqual([201, '']);
  });

  test('handling=lenient leaves unknown search parameters out and says so', async () => {
    await server.load(patient);
    const reply = await sent(
      server.http.get('/fhir/Patient?colour=red&_id=p1').set('Prefer', 'handling=lenient'),
    );
    const { entry = [] } = reply.body as Bundle;
    expect([reply.status, entry.map(({ search }) => search?.mode)]).toEqual([200, ['match', 'outcome']]);
    const strict = await sent(server.http.get('/fhir/Patient?colour=red').set('Prefer', 'handling=strict'));
    expect(strict.status).toBe(400);
  });
});
