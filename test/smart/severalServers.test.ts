import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Basic } from '@medplum/fhirtypes';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { emptyDatabase } from '../mongodb/database.ts';
import { roundsUntil } from '../until.ts';
import { bearer, smartTest, type SmartTest } from './browser.ts';
import { tokenOf, world, type World } from './world.ts';

const scope = 'launch/patient openid fhirUser offline_access patient/*.rs';
const now = (): string => new Date().toISOString();

/** Two servers of one store: of MongoDB each with a connection of its own, of SQLite one process has both. */
const stores: readonly (readonly [string, () => Promise<readonly [Store, Store]>])[] = [
  [
    'sqlite',
    async () => {
      const store = await openStore('sqlite::memory:', { now });
      return [store, store];
    },
  ],
  [
    'mongodb',
    async () => {
      const url = await emptyDatabase('smart');
      return [await openStore(url, { now }), await openStore(url, { now })];
    },
  ],
];

describe.each(stores)('two servers of one store (%s)', (_name, open) => {
  let first: SmartTest;
  let second: SmartTest;
  let people: World;
  beforeAll(async () => {
    const [a, b] = await open();
    const base = 'http://127.0.0.1:8080/fhir';
    first = await smartTest({ store: a, publicUrl: base });
    second = await smartTest({ store: b, publicUrl: base });
    people = await world(first);
    await first.client({ id: 'app' });
  });
  afterAll(async () => {
    await first.close();
    await second.close();
  });

  const status = async (at: SmartTest, token: unknown, path = '/fhir/Patient/p1'): Promise<number> =>
    (await at.ask(path, bearer(token))).status;

  /** Milliseconds until a server that is asked again and again answers with a status. */
  const until = (at: SmartTest, token: unknown, wanted: number, path?: string): Promise<number> =>
    roundsUntil(async () => (await status(at, token, path)) === wanted);

  test('a token of one is taken by the other, and a code by either', async () => {
    const { json } = await tokenOf(first, { client: 'app', scope, account: people.patient });
    expect(await status(second, json['access_token'])).toBe(200);
    expect(json['scope']).toBe(scope);
  });

  test('a revoked token, a locked account and a changed role act on the other within five seconds', async () => {
    const revoked = await tokenOf(first, { client: 'app', scope, account: people.patient });
    const locked = await tokenOf(first, { client: 'app', scope, account: people.patient });
    const clerk = await tokenOf(first, { client: 'app', scope: 'user/*.rs', account: people.biller });
    for (const { json } of [revoked, locked]) expect(await status(second, json['access_token'])).toBe(200);
    expect(await status(second, clerk.json['access_token'], '/fhir/Encounter/e-p1')).toBe(200);

    await first.ask(`/auth/revoke`, {
      form: { token: String(revoked.json['access_token']), client_id: 'app' },
    });
    expect(await status(first, revoked.json['access_token'])).toBe(401);
    expect(await until(second, revoked.json['access_token'], 401)).toBeLessThan(5000);

    await first.accounts.change(people.biller.id, (account) => ({ ...account, roles: ['patient'] }));
    expect(await until(second, clerk.json['access_token'], 404, '/fhir/Encounter/e-p1')).toBeLessThan(5000);

    await first.accounts.lock(people.patient.id);
    expect(await until(second, locked.json['access_token'], 401)).toBeLessThan(5000);
    await first.accounts.unlock(people.patient.id);
  });

  test('what a role says is followed by the other, too', async () => {
    await first.accounts.change(people.biller.id, (account) => ({ ...account, roles: ['narrow'] }));
    const role = (rule: string): Basic & { id: string } => ({
      resourceType: 'Basic',
      id: 'access-role-narrow',
      code: {
        coding: [{ system: 'https://claimwright.example/fhir/CodeSystem/basic', code: 'access-role' }],
      },
      extension: [
        {
          url: 'https://claimwright.example/fhir/StructureDefinition/access-role',
          extension: [{ url: 'rule', valueString: rule }],
        },
      ],
    });
    await first.context.store.transaction((tx) => tx.put(role('practice/Encounter.rs')));
    const { json } = await tokenOf(first, { client: 'app', scope: 'user/*.rs', account: people.biller });
    expect(await status(second, json['access_token'], '/fhir/Encounter/e-p1')).toBe(200);
    await first.context.store.transaction((tx) => tx.put(role('practice/Account.rs')));
    expect(await until(second, json['access_token'], 403, '/fhir/Encounter/e-p1')).toBeLessThan(5000);
  });
});
