import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { guardedFetch, isPublicAddress } from '../../src/http/smart/guardedFetch.ts';
import { httpServer } from '../httpServer.ts';

const fetchOf = guardedFetch({ isLocal: false });
const fetchLocal = guardedFetch({ isLocal: true });
const asked: string[] = [];
let server: Server;
let base: string;
beforeAll(async () => {
  server = httpServer(({ url = '' }, response) => {
    asked.push(url);
    if (url === '/redirect') response.writeHead(302, { location: '/keys' }).end();
    else if (url === '/long') response.end('x'.repeat(70_000));
    else if (url !== '/never') response.writeHead(200, { 'cache-control': 'max-age=60' }).end('{"keys":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('what is fetched for a client', () => {
  test.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
    ],
    ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fc00::1', 'fd12::1', 'fe80::1', 'ff02::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2001:db8::1', 'localhost', ''],
  ])('%p is no public address', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['1.1.1.1', '172.15.0.1', '172.32.0.1', '8.8.8.8', '2606:4700::1111'])('%p is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test.each([
    'http://app.example/keys',
    'https://127.0.0.1/keys',
    'https://[::1]/keys',
    'https://[::ffff:10.0.0.1]/keys',
    'https://169.254.169.254/latest/meta-data',
    'https://0x7f000001/keys',
    'https://2130706433/keys',
    'https://user:password@1.1.1.1/keys',
    'file:///etc/passwd',
    'https://localhost/keys', // a name of a private address: judged where the connection is made
  ])('%s is refused before anything is sent', async (url) => {
    await expect(fetchOf(url)).rejects.toThrow(/invalid_client_metadata/);
  });

  test('a local server may ask its own machine, but follows no redirect and reads no long answer', async () => {
    const found = await fetchLocal(`${base}/keys`);
    expect([found.status, found.headers.get('cache-control'), await found.text()]).toEqual([
      200,
      'max-age=60',
      '{"keys":[]}',
    ]);
    await expect(fetchLocal(`${base}/redirect`)).rejects.toThrow(/invalid_client_metadata/);
    await expect(fetchLocal(`${base}/long`)).rejects.toThrow(/invalid_client_metadata/);
    expect(asked.filter((path) => path === '/keys')).toHaveLength(1);
  });

  test('who does not answer is not waited for', async () => {
    const began = performance.now();
    await expect(fetchLocal(`${base}/never`)).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});
