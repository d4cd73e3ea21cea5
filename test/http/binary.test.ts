import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createApp } from '../../src/app.ts';
import { testContext } from '../context.ts';
import { httpServer } from '../httpServer.ts';

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

let server: Server;
let port: number;
beforeAll(async () => {
  server = httpServer(createApp(await testContext()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const send = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array | string = '',
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const sent = request({ port, method, path: `/fhir/${path}`, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes: Buffer.concat(chunks),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
const fhir = { accept: 'application/fhir+json' };
const json = ({ bytes }: Answered): unknown => JSON.parse(bytes.toString('utf8'));
const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255]);

describe('a Binary in its native form', () => {
  test('is written as what it is, and read back as that, or as FHIR where that is asked for', async () => {
    const headers = { 'content-type': 'image/png', 'x-security-context': 'Patient/p1' };
    const put = await send('PUT', 'Binary/b1', headers, picture);
    expect([put.status, put.headers['content-type']]).toEqual([201, 'application/fhir+json; charset=utf-8']);
    for (const accept of ['image/png', 'image/*', '*/*', 'text/html, */*;q=0.1']) {
      const { status, headers: got, bytes } = await send('GET', 'Binary/b1', { accept });
      expect([status, got['content-type'], got['etag'], got['x-security-context']]).toEqual([
        200,
        'image/png',
        'W/"1"',
        'Patient/p1',
      ]);
      expect(bytes).toEqual(picture);
    }
    expect((await send('GET', 'Binary/b1')).bytes).toEqual(picture);
    expect((await send('GET', 'Binary/b1/_history/1', { accept: 'image/png' })).bytes).toEqual(picture);
    for (const [path, accept] of [
      ['Binary/b1', 'application/fhir+json'],
      ['Binary/b1', 'image/png, application/fhir+json;q=0.5'],
      ['Binary/b1?_format=json', 'image/png'],
    ] as const) {
      expect(json(await send('GET', path, { accept }))).toMatchObject({
        resourceType: 'Binary',
        contentType: 'image/png',
        securityContext: { reference: 'Patient/p1' },
        data: picture.toString('base64'),
      });
    }
  });

  test('is created, empty as well; HEAD and If-None-Match are as for any resource', async () => {
    const made = await send('POST', 'Binary', { 'content-type': 'text/plain; charset=utf-8' }, 'Grüße');
    const { id } = json(made) as { id: string };
    const head = await send('HEAD', `Binary/${id}`, { accept: 'text/plain' });
    expect([
      head.status,
      head.headers['content-type'],
      head.headers['content-length'],
      head.bytes.length,
    ]).toEqual([200, 'text/plain; charset=utf-8', '7', 0]);
    expect((await send('GET', `Binary/${id}`, { 'if-none-match': 'W/"1"' })).status).toBe(304);
    expect((await send('PUT', 'Binary/empty', { 'content-type': 'application/pdf' })).status).toBe(201);
    const empty = await send('GET', 'Binary/empty');
    expect([empty.status, empty.headers['content-type'], empty.bytes.length]).toEqual([
      200,
      'application/pdf',
      0,
    ]);
  });

  test.each([
    ['a type that is not taken', 'GET', 'Binary/b1', { accept: 'application/pdf' }, 406],
    ['its own type, refused', 'GET', 'Binary/b1', { accept: 'image/png;q=0' }, 406],
    ['XML of FHIR', 'GET', 'Binary/b1', { accept: 'application/fhir+xml' }, 406],
    ['one that is not there', 'GET', 'Binary/nobody', { accept: 'image/png' }, 404],
    ['no type', 'POST', 'Binary', {}, 415],
    ['what is no type', 'POST', 'Binary', { 'content-type': 'picture' }, 400],
    ['XML of FHIR as a body', 'POST', 'Binary', { 'content-type': 'application/fhir+xml' }, 415],
    ['another resource in its native form', 'POST', 'Patient', { 'content-type': 'image/png' }, 415],
    ['a search', 'GET', 'Binary', { accept: 'image/png' }, 406],
  ] as const)('%s gets an OperationOutcome', async (_what, method, path, headers, status) => {
    const answer = await send(method, path, headers, method === 'POST' ? picture : '');
    expect([answer.status, json(answer)]).toMatchObject([status, { resourceType: 'OperationOutcome' }]);
  });

  test('never breaks a header, whatever was stored', async () => {
    const odd = {
      resourceType: 'Binary',
      id: 'odd',
      contentType: 'text/html\nX-Evil:1',
      securityContext: { reference: 'Patient/p1\r\nX-Evil: 1' },
      data: 'PGI+',
    };
    await send(
      'PUT',
      'Binary/odd',
      { ...fhir, 'content-type': 'application/fhir+json' },
      JSON.stringify(odd),
    );
    const { status, headers } = await send('GET', 'Binary/odd');
    expect([status, headers['content-type'], headers['x-evil'], headers['x-security-context']]).toEqual([
      200,
      'application/octet-stream',
      undefined,
      undefined,
    ]);
  });
});
