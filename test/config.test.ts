import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.ts';
import { isLoopback } from '../src/datatypes/host.ts';

const token = 'x'.repeat(32);

describe('settings', () => {
  test('an empty environment gives the defaults', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      store: 'sqlite:data/claimwright.db',
      auth: 'off',
      registration: 'off',
      rateLimit: 0,
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

  test('smart opens any address under an https URL, and this machine under any', () => {
    const smart = { CLAIMWRIGHT_AUTH: 'smart' };
    expect(readConfig(smart)).toMatchObject({ auth: 'smart', rateLimit: 1200 });
    const open = { ...smart, CLAIMWRIGHT_HOST: '0.0.0.0' };
    const publicUrl = 'https://billing.example/fhir';
    expect(readConfig({ ...open, CLAIMWRIGHT_PUBLIC_URL: publicUrl })).toMatchObject({ publicUrl });
    const mapped = 'http://localhost:9000/fhir'; // a container's port on this machine
    expect(readConfig({ ...open, CLAIMWRIGHT_PUBLIC_URL: mapped }).publicUrl).toBe(mapped);
  });

  test('TLS, proxies, registration, rate and the conformance practice are read', () => {
    const config = readConfig({
      CLAIMWRIGHT_TLS_CERT: 'cert.pem',
      CLAIMWRIGHT_TLS_KEY: 'key.pem',
      CLAIMWRIGHT_TRUSTED_PROXIES: '10.0.0.1, 192.168.0.0/16,fd00::/8',
      CLAIMWRIGHT_REGISTRATION: 'on',
      CLAIMWRIGHT_RATE_LIMIT: '60',
      CLAIMWRIGHT_SEED: 'conformance',
    });
    expect(config).toMatchObject({
      tls: { cert: 'cert.pem', key: 'key.pem' },
      trustedProxies: ['10.0.0.1', '192.168.0.0/16', 'fd00::/8'],
      registration: 'on',
      rateLimit: 60,
      seed: 'conformance',
    });
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
    ['an unknown authorization', { CLAIMWRIGHT_AUTH: 'basic' }, 'CLAIMWRIGHT_AUTH'],
    [
      'a token that nobody asks for',
      { CLAIMWRIGHT_AUTH: 'smart', CLAIMWRIGHT_TOKEN: token },
      'CLAIMWRIGHT_TOKEN',
    ],
    [
      'smart on an open address without https',
      { CLAIMWRIGHT_AUTH: 'smart', CLAIMWRIGHT_HOST: '0.0.0.0' },
      'CLAIMWRIGHT_PUBLIC_URL',
    ],
    [
      'smart under an http URL',
      { CLAIMWRIGHT_AUTH: 'smart', CLAIMWRIGHT_PUBLIC_URL: 'http://billing.example/fhir' },
      'CLAIMWRIGHT_PUBLIC_URL',
    ],
    ['a certificate without its key', { CLAIMWRIGHT_TLS_CERT: 'a.pem' }, 'CLAIMWRIGHT_TLS_CERT'],
    ['a key without its certificate', { CLAIMWRIGHT_TLS_KEY: 'a.pem' }, 'CLAIMWRIGHT_TLS_KEY'],
    [
      'a proxy that is no address',
      { CLAIMWRIGHT_TRUSTED_PROXIES: '10.0.0.1,proxy' },
      'CLAIMWRIGHT_TRUSTED_PROXIES',
    ],
    ['a network that is none', { CLAIMWRIGHT_TRUSTED_PROXIES: '10.0.0.0/33' }, 'CLAIMWRIGHT_TRUSTED_PROXIES'],
    ['a registration that is none', { CLAIMWRIGHT_REGISTRATION: 'maybe' }, 'CLAIMWRIGHT_REGISTRATION'],
    ['a rate that is none', { CLAIMWRIGHT_RATE_LIMIT: '-1' }, 'CLAIMWRIGHT_RATE_LIMIT'],
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
