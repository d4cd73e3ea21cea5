import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditEvent } from '@medplum/fhirtypes';
import { account } from '../../src/command/account.ts';
import { client } from '../../src/command/client.ts';
import { readConfig, type Config } from '../../src/config.ts';
import { Accounts } from '../../src/http/smart/accounts.ts';
import { find } from '../../src/interaction/repository.ts';
import { makeDue } from '../../src/operation/audit/makeEvents.ts';
import { takePendingEvents } from '../../src/operation/audit/pendingEvents.ts';
import { openStore } from '../../src/store/openStore.ts';
import type { Store } from '../../src/store/store.ts';
import { testContext } from '../context.ts';

const now = (): string => new Date().toISOString();
let folder: string;
let config: Config;
let store: Store | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claimwright-account-'));
  config = readConfig({ CLAIMWRIGHT_STORE: `sqlite:${join(folder, 'a.db')}` });
});
afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(folder, { recursive: true });
});

const add = (name: string): Promise<readonly string[]> =>
  account(config, ['add', name, '--role', 'biller', '--user', 'Practitioner/a', '--practice', 'o']);

describe('npm run account', () => {
  test('an account is added, given roles, locked and listed; a link lets its password be chosen', async () => {
    const [, link] = await add('Ann');
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:8080\/auth\/link\/[\w-]{43}$/);
    await account(config, ['role', 'ann', 'coder,auditor']);
    await account(config, ['lock', 'ann']);
    expect(await account(config, ['list'])).toEqual(['ann\tcoder,auditor\tPractitioner/a\to\tlocked']);
    await account(config, ['unlock', 'ann']);
    expect(await account(config, ['list'])).toEqual(['ann\tcoder,auditor\tPractitioner/a\to']);
    expect((await account(config, ['reset', 'ann']))[1]).toMatch(/\/auth\/link\//);
    expect((await account(config, ['code', 'ann']))[1]).toMatch(/^otpauth:\/\/totp\//);
    expect(await account(config, ['code', 'ann', 'off'])).toEqual(['ann needs no one-time codes.']);
  });

  test.each([
    ['nothing', []],
    ['an unknown account', ['lock', 'nobody']],
    ['an account without a role', ['add', 'x', '--user', 'Practitioner/a']],
    ['a user who is no person', ['add', 'x', '--role', 'biller', '--user', 'Claim/a']],
    ['codes neither on nor off', ['code', 'ann', 'maybe']],
    ['an unknown option', ['add', 'x', '--role', 'biller', '--password', 'secret']],
  ])('%s is refused', async (_name, words) => {
    await expect(account(config, words)).rejects.toThrow(/npm run account|there is no account/);
  });

  test('D.5 what commands do with accounts, clients and keys comes into the audit, with the next start or beside a server', async () => {
    await add('Ann');
    await account(config, ['role', 'ann', 'coder,auditor']);
    await account(config, ['reset', 'ann']);
    await client(config, ['add', 'app', '--kind', 'public', '--redirect', 'https://app.example/back']);
    store = await openStore(config.store, { now, base: 'http://127.0.0.1:8080/fhir' });
    await account(config, ['lock', 'ann']); // beside it
    await client(config, ['remove', 'app']);
    await client(config, ['rotate-keys']);
    await takePendingEvents(store);
    await takePendingEvents(store);
    const context = await testContext({ store });
    await makeDue(context);
    const events = await find<AuditEvent>(store, 'AuditEvent', {});
    expect(
      events.map(({ subtype, entity }) => [subtype?.[0]?.code, entity?.[0]?.what?.identifier?.value]),
    ).toEqual([
      ...[
        ['account-added', 'ann'],
        ['account-roles', 'ann'],
        ['password-link', 'ann'],
        ['client-added', 'app'],
      ],
      ...[
        ['account-locked', 'ann'],
        ['client-removed', 'app'],
        ['keys-rotated', expect.any(String)],
      ],
    ]);
    expect(events[1]?.entity?.[0]?.detail).toEqual([{ type: 'roles', valueString: 'coder auditor' }]);
    for (const event of events) expect(context.validate(event)).toEqual([]);
  });

  test('a name is taken once', async () => {
    await add('Ann');
    await expect(add(' ann')).rejects.toThrow(/already/);
  });

  test('it works beside a server that uses the store, which sees the change', async () => {
    store = await openStore(config.store, { now });
    await add('Ann');
    const accounts = new Accounts({ records: store.records, now });
    expect((await accounts.byName('ann'))?.roles).toEqual(['biller']);
    await account(config, ['lock', 'ann']);
    expect((await accounts.byName('ann'))?.isLocked).toBe(true);
  });

  test('accounts of the demo are one a role, under off on a loopback address only', async () => {
    const lines = await account(config, ['demo']);
    expect(lines.filter((line) => line.includes('/auth/link/'))).toHaveLength(8);
    expect(await account(config, ['list'])).toHaveLength(8);
    expect(await account(config, ['demo'])).toHaveLength(lines.length);
    const smart = readConfig({ CLAIMWRIGHT_AUTH: 'smart', CLAIMWRIGHT_STORE: config.store });
    await expect(account(smart, ['demo'])).rejects.toThrow(/loopback/);
  });
});

describe('npm run client', () => {
  test('clients of each kind are added, listed and removed; a secret is told once', async () => {
    expect(
      await client(config, ['add', 'app', '--kind', 'public', '--redirect', 'https://a.example/b']),
    ).toHaveLength(1);
    const [, secret = ''] = await client(config, [
      'add',
      'site',
      '--kind',
      'secret',
      '--redirect',
      'https://a.example/b',
    ]);
    expect(secret).toMatch(/: [\w-]{43}$/);
    await client(config, [
      'add',
      'svc',
      '--kind',
      'service',
      '--jwks-uri',
      'https://a.example/jwks',
      '--name',
      'A service',
    ]);
    expect(await client(config, ['list'])).toEqual(['app\tapp', 'site\tsite', 'svc\tA service']);
    await expect(client(config, ['add', 'app', '--kind', 'public'])).rejects.toThrow(/already/);
    expect(await client(config, ['remove', 'app'])).toEqual(['app is removed.']);
    await expect(client(config, ['add', 'x', '--kind', 'other'])).rejects.toThrow(/npm run client/);
  });

  test('rotated keys sign, the former ones are published for another day', async () => {
    const { signingKeys, rotateKeys } = await import('../../src/http/smart/signingKeys.ts');
    store = await openStore('sqlite::memory:', { now });
    const { records } = store;
    const [first] = await signingKeys(records, now);
    const kid = await rotateKeys(records, now);
    const keys = await signingKeys(records, now);
    expect(keys.map((key) => key.kid)).toEqual([kid, first?.kid]);
    const later = (): string => new Date(Date.now() + 25 * 3_600_000).toISOString();
    expect((await signingKeys(records, later)).map((key) => key.kid)).toEqual([kid]);
    for (const { value } of await records.list('signing-key', { count: 10 }))
      expect(value).not.toContain('"d"');
  });
});
