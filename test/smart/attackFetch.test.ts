import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { guardedFetch, isPublicAddress } from '../../src/http/smart/guardedFetch.ts';
import { httpServer } from '../httpServer.ts';

/** What the address of an app's keys (jwks_uri) may lead to: nothing but the public internet. */
let server: Server;
let port: number;
const asked: string[] = [];

beforeAll(async () => {
  server = httpServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    else if (request.url === '/long') response.end('x'.repeat(200_000));
    else response.end('{"keys":[]}');
  });
  server.on('connection', () => asked.push('connection'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const reasonOf = async (url: string, isLocal: boolean): Promise<string> => {
  try {
    const { status } = await guardedFetch({ isLocal })(url);
    return String(status);
  } catch (error) {
    const { error_description: told, message } = error as { error_description?: string; message: string };
    return told ?? message;
  }
};

describe('SSRF through jwks_uri', () => {
  test.each([
    ...['127.0.0.1', '127.1', '2130706433', '0x7f.0.0.1', '0177.0.0.1', '0.0.0.0', '10.0.0.1', '172.16.0.1'],
    ...[
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '[::1]',
      '[::]',
      '[::127.0.0.1]',
      '[::ffff:127.0.0.1]',
    ],
    ...['[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[fe80::1]', '[fd00::1]', '[2002:7f00:1::]', '224.0.0.1'],
    ...['255.255.255.255', '[ff02::1]', '198.18.0.1'],
  ])('D attack: https://%s is not asked', async (host) => {
    expect(await reasonOf(`https://${host}:${port}/`, false)).toContain('its address is not public');
  });

  test('D attack: a name is judged by what it leads to when the connection is made', async () => {
    expect(await reasonOf(`https://localhost:${port}/`, false)).toContain('its address is not public');
    expect(asked).toEqual([]);
  });

  test('D attack: a name that changes where it leads is asked about once, and every address of it is judged', async () => {
    const [outside, own] = [
      { address: '203.0.113.9', family: 4 }, // of a documentation network: nobody is there
      { address: '127.0.0.1', family: 4 },
    ];
    let answers: (typeof own)[][] = [];
    let times = 0;
    const fetch = guardedFetch({
      isLocal: false,
      resolve: (_name, _options, found) => {
        times += 1;
        found(null, answers.shift() ?? [own]);
      },
    });
    const told = async (): Promise<string> =>
      fetch(`https://keys.example:${port}/`).then(
        ({ status }) => String(status),
        (error: unknown) => (error as { error_description?: string }).error_description ?? String(error),
      );
    for (const given of [[own], [{ address: '8.8.8.8', family: 4 }, own], [outside], [own, outside]]) {
      answers = [given];
      times = 0;
      expect(await told()).toContain('its address is not public');
      expect(times).toBe(1);
    }
    expect(asked).toEqual([]);
  });

  test('D attack: a name that leads nowhere is a refusal, and the server stays', async () => {
    expect(await reasonOf('https://nowhere.invalid/', false)).toMatch(/ENOTFOUND|EAI_AGAIN|aborted/);
  });

  test.each([
    'http://a.example/',
    'file:///etc/passwd',
    'ftp://a.example/',
    'data:text/plain,x',
    'gopher://a.example/',
  ])('D attack: %s is not asked', async (url) => {
    expect(await reasonOf(url, false)).toContain('it is not an https URL');
  });

  test('D attack: a password in the address, a redirect and a long answer are refused', async () => {
    expect(await reasonOf('https://a:b@a.example/', false)).toContain('it holds a password');
    expect(await reasonOf(`http://127.0.0.1:${port}/redirect`, true)).toContain('redirect');
    expect(await reasonOf(`http://127.0.0.1:${port}/long`, true)).toContain('too long');
    expect(await reasonOf(`http://127.0.0.1:${port}/keys`, true)).toBe('200');
    expect(asked.filter((one) => one.startsWith('/'))).toEqual(['/redirect', '/long', '/keys']);
  });

  test('D attack neighbour: addresses of the public internet are public', () => {
    for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
      expect([address, isPublicAddress(address)]).toEqual([address, true]);
    for (const none of ['', 'localhost', '1.2.3', '1.2.3.4.5', '127.0.0.1 '])
      expect(isPublicAddress(none)).toBe(false);
  });
});
