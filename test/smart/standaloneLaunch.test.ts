import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/http/smart/accounts.ts';
import { authorize, bearer, Browser, exchange, password, smartTest, type SmartTest } from './browser.ts';

const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
let server: SmartTest;
let patient: Account;

beforeAll(async () => {
  server = await smartTest();
  const { store } = server.context;
  await store.transaction(async (tx) => {
    await tx.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'One' }], birthDate: '1980-01-01' });
    await tx.put({ resourceType: 'Patient', id: 'p2', name: [{ family: 'Two' }] });
  });
  await server.client({ id: 'app' });
  patient = await server.accounts.add({ name: 'one', roles: ['patient'], users: ['Patient/p1'] });
  await server.accounts.setPassword(patient.id, password);
});
afterAll(() => server.close());

describe('standalone launch', () => {
  test('3.4.2 a patient signs in, allows an app, and it reads their record with the token', async () => {
    const launched = await authorize(server, new Browser(server), { client: 'app', scope, account: patient });
    expect(launched.redirect.origin).toBe('https://app.example');
    expect(launched.redirect.searchParams.get('state')).toBe('a state');
    const token = await exchange(server, 'app', launched);
    expect(token.text).toContain('access_token');
    expect(token.json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope, patient: 'p1' });
    expect((await server.ask(`${server.base}/Patient/p1`, bearer(token.json['access_token']))).status).toBe(
      200,
    );
    expect((await server.ask(`${server.base}/Patient/p2`, bearer(token.json['access_token']))).status).toBe(
      404,
    );
  });
});
