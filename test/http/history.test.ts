import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, BundleEntry, Patient } from '@medplum/fhirtypes';
import type { Store } from '../../src/store/store.ts';
import { openStore } from '../../src/store/openStore.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { post, put, said, sent, testServer, type TestServer } from './server.ts';

const patient = (id: string, over: object = {}): Patient & { id: string } => ({
  resourceType: 'Patient',
  id,
  ...over,
});
const base = 'http://127.0.0.1:8080/fhir';

let clock: string;
const now = (): string => clock;
const at = (minute: number): string => `2026-01-01T00:0${minute}:00.000Z`;

describe.each<[string, (name: string) => Promise<Store>]>([
  ['sqlite', () => openStore('sqlite::memory:', { now, base })],
  ['mongodb', async (name) => openStore(await emptyDatabase(name), { now, base })],
])('on %s', (_store, open) => {
  let store: Store;
  let server: TestServer;
  /** One version a minute: p1 made, b1 made, p1 changed, p2 made, p1 deleted. */
  beforeAll(async () => {
    clock = at(0);
    store = await open('history');
    server = await testServer({}, { store, now });
    await put(server.http, patient('p1'));
    clock = at(1);
    await put(server.http, { resourceType: 'Basic', id: 'b1', code: { text: 'x' } });
    clock = at(2);
    await put(server.http, patient('p1', { active: true }));
    clock = at(3);
    await put(server.http, patient('p2'));
    clock = at(4);
    await server.http.delete('/fhir/Patient/p1');
  });
  afterAll(() => store.close());

  const page = async (url: string): Promise<Bundle> => {
    const reply = await sent(server.http.get(url.replace(/^http:\/\/[^/]+/, '')));
    expect([url, reply.status]).toEqual([url, 200]);
    return reply.body as Bundle;
  };
  const named = ({ fullUrl = '', response }: BundleEntry): string =>
    `${fullUrl.replace(`${base}/`, '')} ${response?.etag?.replace(/\D/g, '') ?? ''}`;
  /** Every page, from the first to the last. */
  const all = async (url: string): Promise<string[]> => {
    const found: string[] = [];
    for (let next: string | undefined = url; next !== undefined;) {
      const { type, entry = [], link = [] } = await page(next);
      expect(type).toBe('history');
      found.push(...entry.map(named));
      next = link.find(({ relation }) => relation === 'next')?.url;
    }
    return found;
  };

  const everything = ['Patient/p1 3', 'Patient/p2 1', 'Patient/p1 2', 'Basic/b1 1', 'Patient/p1 1'];
  const ofPatients = everything.filter((version) => version.startsWith('Patient'));
  const ofOne = everything.filter((version) => version.startsWith('Patient/p1'));

  test.each([
    ['_history', everything],
    ['Patient/_history', ofPatients],
    ['Patient/p1/_history', ofOne],
    ['Basic/_history', ['Basic/b1 1']],
    ['Claim/_history', []],
    [`_history?_since=${at(3)}`, ['Patient/p1 3', 'Patient/p2 1']],
    [`Patient/_history?_since=${at(2)}`, ['Patient/p1 3', 'Patient/p2 1', 'Patient/p1 2']],
    [`Patient/p1/_history?_since=${at(1)}`, ['Patient/p1 3', 'Patient/p1 2']],
    ['_history?_since=2026-01-02', []],
    [`_history?_at=${at(1)}`, ['Basic/b1 1', 'Patient/p1 1']],
    [`Patient/_history?_at=${at(3)}`, ['Patient/p2 1', 'Patient/p1 2']],
    [`Patient/p1/_history?_at=${at(3)}`, ['Patient/p1 2']],
    [`Patient/p1/_history?_at=${at(2)}`, ['Patient/p1 2']],
    ['Patient/p1/_history?_at=2026-01-01T00:01:30Z', ['Patient/p1 1']],
    ['Patient/p1/_history?_at=2025', []],
    ['_history?_at=2026-01', everything],
    ['_history?_at=2026-01-01T02:01:00%2B02:00', ['Basic/b1 1', 'Patient/p1 1']],
    ['_history?_at=2026-01-01T02:01:00+02:00', ['Basic/b1 1', 'Patient/p1 1']],
  ])('%s', async (url, expected) => {
    expect(await all(`/fhir/${url}`)).toEqual(expected);
    const joint = url.includes('?') ? '&' : '?';
    expect(await all(`/fhir/${url}${joint}_count=1`)).toEqual(expected);
    expect(await all(`/fhir/${url}${joint}_count=2`)).toEqual(expected);
  });

  test('a resource that comes back after its deletion was created, and what follows updates it', async () => {
    const own = await open('history_revived');
    const { http } = await testServer({}, { store: own, now });
    for (const active of [true, false]) await put(http, patient('p', { active }));
    await http.delete('/fhir/Patient/p');
    for (const active of [true, false]) await put(http, patient('p', { active }));
    const statuses = ({ entry = [] }: Bundle): unknown => entry.map(({ response }) => response?.status);
    for (const place of ['Patient/p/_history', 'Patient/_history', '_history']) {
      const { body } = await sent(http.get(`/fhir/${place}`));
      expect([place, statuses(body as Bundle)]).toEqual([place, ['200', '201', '204', '200', '201']]);
    }
    const page = await sent(http.get('/fhir/Patient/p/_history?_count=2'));
    expect(statuses(page.body as Bundle)).toEqual(['200', '201']);
    const entry = [{ request: { method: 'GET', url: 'Patient/p/_history?_count=2' } }];
    const reply = await post(http, '', { resourceType: 'Bundle', type: 'transaction', entry });
    const [inside] = (reply.body as Bundle<Bundle>).entry ?? [];
    expect(inside?.resource && statuses(inside.resource)).toEqual(['200', '201']);
    await own.close();
  });

  test('has for every version what was asked and what came of it', async () => {
    const { entry = [], link = [], total } = await page('/fhir/Patient/_history?_count=3');
    expect(link.map(({ relation }) => relation)).toEqual(['self', 'next']);
    expect([link[0]?.url, total]).toEqual([`${base}/Patient/_history?_count=3`, undefined]);
    expect(
      entry.map(({ request, response, resource }) => [
        request,
        response?.status,
        response?.lastModified,
        resource?.id,
      ]),
    ).toEqual([
      [{ method: 'DELETE', url: 'Patient/p1' }, '204', at(4), undefined],
      [{ method: 'PUT', url: 'Patient/p2' }, '201', at(3), 'p2'],
      [{ method: 'PUT', url: 'Patient/p1' }, '200', at(2), 'p1'],
    ]);
    expect(server.context.validate(await page('/fhir/_history'))).toEqual([]);
  });

  test.each([
    ['_history?_sort=_lastUpdated', 400, 'unknown-parameter'],
    ['Patient/_history?name=a', 400, 'unknown-parameter'],
    ['_history?_count=0', 400, 'malformed-value'],
    ['_history?_count=x', 400, 'malformed-value'],
    ['Patient/p1/_history?_count=-1', 400, 'malformed-value'],
    ['_history?_since=yesterday', 400, 'malformed-value'],
    ['_history?_since=2026-13', 400, 'malformed-value'],
    ['_history?_at=ge2026', 400, 'malformed-value'],
    ['_history?_at=2026&_at=2027', 400, 'repeated-parameter'],
    ['_history?_cursor=abc', 400, 'malformed-cursor'],
    ['Patient/_history?_cursor=', 400, 'malformed-cursor'],
    ['Patient/p1/_history?_cursor=abc', 400, 'malformed-cursor'],
    ['Patient/nobody/_history', 404, 'not-found'],
    ['Patiend/_history', 404, 'unknown-type'],
  ])('%s is %s', async (url, status, code) => {
    const reply = await sent(server.http.get(`/fhir/${url}`));
    expect([reply.status, said(reply)[0]?.code]).toEqual([status, code]);
  });

  test('a cursor of one history is none of another', async () => {
    const { link = [] } = await page('/fhir/_history?_count=1');
    const cursor = new URL(link[1]?.url ?? '').searchParams.get('_cursor') ?? '';
    const reply = await sent(server.http.get(`/fhir/Patient/_history?_cursor=${encodeURIComponent(cursor)}`));
    expect([reply.status, said(reply)[0]?.code]).toEqual([400, 'malformed-cursor']);
  });

  test('a page repeats and misses nothing while others write', async () => {
    const first = await page('/fhir/Patient/_history?_count=2');
    clock = at(5);
    await put(server.http, patient('p3'));
    const rest = await all(first.link?.find(({ relation }) => relation === 'next')?.url ?? '');
    expect([...(first.entry ?? []).map(named), ...rest]).toEqual(ofPatients);
  });
});
