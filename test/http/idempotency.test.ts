import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { find } from '../../src/interaction/repository.ts';
import { openStore } from '../../src/store/openStore.ts';
import { post, said, sent, testServer, type TestServer } from './server.ts';
import type { Store } from '../../src/store/store.ts';
import { eachStore } from './eachStore.ts';

const patient: Patient = { resourceType: 'Patient', birthDate: '1980-12-31' };
const bundle: Bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [{ resource: patient, request: { method: 'POST', url: 'Patient' } }],
};
const key = { 'Idempotency-Key': 'k1' };

describe.each(eachStore('idempotency'))('on %s', (_store, emptyStore) => {
  let server: TestServer;
  let store: Store;
  beforeEach(async () => {
    store = await emptyStore();
    server = await testServer({}, { store });
  });
  afterEach(() => store.close());
  const patients = (): Promise<Patient[]> => find<Patient>(server.context.store, 'Patient', {});

  describe('a POST under an Idempotency-Key', () => {
    test.each<[name: string, path: string, body: object, more?: Record<string, string>]>([
      ['create', '/Patient', patient],
      ['transaction', '/', bundle],
      ['batch', '/', { ...bundle, type: 'batch' }],
      ['conditional create', '/Patient', patient, { 'If-None-Exist': 'birthdate=1980-12-31' }],
    ])(
      'of a %s is done once, and every repeat gets the first answer',
      async (_name, path, body, more = {}) => {
        const headers = { ...key, ...more };
        const answers = await Promise.all(
          Array.from({ length: 10 }, () => post(server.http, path, body, headers)),
        );
        expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
        expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
        expect(new Set(answers.map(({ headers }) => headers['location'])).size).toBe(1);
        expect(
          answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length,
        ).toBeGreaterThan(8);
        expect(await patients()).toHaveLength(1);
      },
    );

    test('with another body is a 422, and nothing is written', async () => {
      await post(server.http, '/Patient', patient, key);
      const response = await post(server.http, '/Patient', { ...patient, active: true }, key);
      expect([response.status, said(response)[0]?.code]).toEqual([422, 'idempotency-key-reused']);
      expect(await patients()).toHaveLength(1);
    });

    test('of a search answers as the first time, and so does an operation', async () => {
      const search = () =>
        sent(server.http.post('/fhir/Patient/_search').set(key).type('form').send('_total=accurate'));
      const first = await search();
      await post(server.http, '/Patient', patient);
      const again = await search();
      expect([again.text, again.headers['idempotency-replayed']]).toEqual([first.text, 'true']);
      const balance = () => post(server.http, '/Account/nobody/$balance', '', key);
      expect((await balance()).status).toBe(404);
      expect((await balance()).headers['idempotency-replayed']).toBe('true');
    });

    test('at another URL is another key', async () => {
      await post(server.http, '/Patient', patient, key);
      expect((await post(server.http, '/', bundle, key)).status).toBe(200);
      expect(await patients()).toHaveLength(2);
    });

    test('that was refused is refused alike', async () => {
      const bad = { ...patient, birthDate: 'yesterday' };
      const first = await post(server.http, '/Patient', bad, key);
      const again = await post(server.http, '/Patient', bad, key);
      expect([first.status, again.status, again.text]).toEqual([422, 422, first.text]);
    });

    test('that met a fault of ours is tried again', async () => {
      let isBroken = true;
      const broken = await testServer(
        {},
        {
          validate: () => {
            if (isBroken) throw new TypeError('a fault of ours');
            return [];
          },
        },
      );
      expect((await post(broken.http, '/Patient', patient, key)).status).toBe(500);
      isBroken = false;
      expect((await post(broken.http, '/Patient', patient, key)).status).toBe(201);
    });

    test('is kept a day for a create, and for ever for a transaction', async () => {
      let clock = '2026-01-01T00:00:00.000Z';
      const now = (): string => clock;
      const kept = await openStore('sqlite::memory:', { now });
      const { http } = await testServer({}, { store: kept, now });
      const create = async (): Promise<string> => (await post(http, '/Patient', patient, key)).text;
      const transaction = async (): Promise<string> => (await post(http, '/', bundle, key)).text;
      const [first, firstBundle] = [await create(), await transaction()];
      clock = '2026-01-01T23:59:00.000Z';
      expect(await create()).toBe(first);
      clock = '2026-01-02T00:01:00.000Z';
      expect(await create()).not.toBe(first);
      clock = '2036-01-01T00:00:00.000Z';
      expect(await transaction()).toBe(firstBundle);
    });
  });
});
