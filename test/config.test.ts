import { describe, expect, test } from '@jest/globals';
import { ConfigError, isLoopback, readConfig } from '../src/config.ts';

const token = 'x'.repeat(32);

describe('settings', () => {
  test('an empty environment gives the defaults', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      store: 'sqlite:data/claimwright.db',
      auth: 'off',
      seed: 'demo',
      payer: 'simulator',
      submitWait: 10_000,
      timeZone: 'America/New_York',
      log: 'info',
    });
  });

  test('PORT is accepted, CLAIMWRIGHT_PORT wins', () => {
    expect(readConfig({ PORT: '3000' }).port).toBe(3000);
    expect(readConfig({ PORT: '3000', CLAIMWRIGHT_PORT: '0' }).port).toBe(0);
  });

  test('the public URL loses the slash at its end', () => {
    const config = readConfig({ CLAIMWRIGHT_PUBLIC_URL: 'https://billing.example/fhir/' });
    expect(config.publicUrl).toBe('https://billing.example/fhir');
  });

  test('names that only tests read are let through', () => {
    expect(readConfig({ CLAIMWRIGHT_TEST_LONG: '1' }).log).toBe('info');
  });

  test('a token of 32 characters opens any address', () => {
    const config = readConfig({
      CLAIMWRIGHT_HOST: '0.0.0.0',
      CLAIMWRIGHT_AUTH: 'token',
      CLAIMWRIGHT_TOKEN: token,
    });
    expect(config).toMatchObject({ host: '0.0.0.0', auth: 'token', token });
  });

  test.each([
    ['an unknown name', { CLAIMWRIGHT_COLOUR: 'red' }, 'CLAIMWRIGHT_COLOUR'],
    ['an unknown word', { CLAIMWRIGHT_SEED: 'all' }, 'CLAIMWRIGHT_SEED'],
    ['an empty value', { CLAIMWRIGHT_LOG: '' }, 'CLAIMWRIGHT_LOG'],
    ['a port that is none', { CLAIMWRIGHT_PORT: '80a' }, 'CLAIMWRIGHT_PORT'],
    ['a port above 65535', { PORT: '70000' }, 'PORT'],
    ['a store of another kind', { CLAIMWRIGHT_STORE: 'postgres://x' }, 'CLAIMWRIGHT_STORE'],
    ['a public URL that is none', { CLAIMWRIGHT_PUBLIC_URL: 'billing' }, 'CLAIMWRIGHT_PUBLIC_URL'],
    ['an authorization that is not built', { CLAIMWRIGHT_AUTH: 'smart' }, 'CLAIMWRIGHT_AUTH'],
    ['no authorization on an open address', { CLAIMWRIGHT_HOST: '0.0.0.0' }, 'CLAIMWRIGHT_AUTH'],
    ['a short token', { CLAIMWRIGHT_AUTH: 'token', CLAIMWRIGHT_TOKEN: 'x'.repeat(31) }, 'CLAIMWRIGHT_TOKEN'],
    ['no token', { CLAIMWRIGHT_AUTH: 'token' }, 'CLAIMWRIGHT_TOKEN'],
  ])('%s stops the start and names itself', (_name, environment, named) => {
    expect(() => readConfig(environment)).toThrow(ConfigError);
    expect(() => readConfig(environment)).toThrow(new RegExp(`^${named}\\b`));
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['127.0.0.1.example', false],
  ['10.0.0.1', false],
])('%s is loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
