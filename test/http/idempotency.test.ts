import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { find } from '../../src/interaction/resource.ts';
import { openStore } from '../../src/store/openStore.ts';
import { post, said, testServer, type TestServer } from './server.ts';

const patient: Patient = { resourceType: 'Patient', birthDate: '1980-12-31' };
const bundle: Bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [{ resource: patient, request: { method: 'POST', url: 'Patient' } }],
};
const key = { 'Idempotency-Key': 'k1' };

let server: TestServer;
beforeEach(async () => {
  server = await testServer();
});
const patients = (): Promise<Patient[]> => find<Patient>(server.context.store, 'Patient', {});

describe('a POST under an Idempotency-Key', () => {
  test.each([
    ['create', '/Patient', patient],
    ['transaction', '/', bundle],
    ['batch', '/', { ...bundle, type: 'batch' }],
  ])('of a %s is done once, and every repeat gets the first answer', async (_name, path, body) => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(server.http, path, body, key)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers['location'])).size).toBe(1);
    expect(
      answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length,
    ).toBeGreaterThan(8);
    expect(await patients()).toHaveLength(1);
  });

  test('with another body is a 422, and nothing is written', async () => {
    await post(server.http, '/Patient', patient, key);
    const response = await post(server.http, '/Patient', { ...patient, active: true }, key);
    expect([response.status, said(response)[0]?.code]).toEqual([422, 'idempotency-key-reused']);
    expect(await patients()).toHaveLength(1);
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
    const store = await openStore('sqlite::memory:', { now });
    const { http } = await testServer({}, { store, now });
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
