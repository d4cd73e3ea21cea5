import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
} from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Patient } from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import type { Context } from '../../src/interaction/context.ts';
import { testContext } from '../context.ts';
import { everything } from './server.ts';
import { httpServer } from '../httpServer.ts';

const bytesMax = 100_000;
const fhirJson = 'application/fhir+json';
const patient: Patient & { id: string } = {
  resourceType: 'Patient',
  id: 'p1',
  name: Array.from({ length: 40 }, (_, i) => ({
    family: `Family ${i}`,
    given: ['Quite', 'a', 'long', 'name'],
  })),
};

let context: Context;
let server: Server;
let port: number;
beforeAll(async () => {
  context = await testContext();
  await context.store.transaction((tx) => tx.put({ ...patient }));
  server = httpServer(createApp(context, { bodyBytesMax: bytesMax }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}
type Headers = Readonly<Record<string, string>>;

/** A request of which nothing is packed or unpacked on the way. */
const send = (
  method: string,
  path: string,
  headers: Headers = {},
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
const codeOf = ({ bytes }: Answered): string | undefined =>
  /"code":"([a-z-]+)"\}\]/.exec(bytes.toString())?.[1];

const unpack = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync } as const;

describe('an answer', () => {
  test.each([
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['br', 'br'],
    ['gzip, deflate, br', 'br'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP', 'gzip'],
  ] as const)('to %s comes as %s, and says so', async (accept, encoding) => {
    const plain = await send('GET', 'Patient/p1');
    const packed = await send('GET', 'Patient/p1', { 'Accept-Encoding': accept });
    expect([packed.status, packed.headers['content-encoding']]).toEqual([200, encoding]);
    expect(packed.headers['content-length']).toBe(String(packed.bytes.length));
    expect(packed.headers['vary']).toContain('Accept-Encoding');
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
    expect(unpack[encoding](packed.bytes)).toEqual(plain.bytes);
    expect(packed.headers['etag']).toBe('W/"1"');
  });

  test.each(['identity', 'gzip;q=0', 'zstd', 'gzip;q=0, br;q=0.0, *;q=0', ''])(
    'to "%s" comes as it is',
    async (accept) => {
      const { headers, bytes } = await send('GET', 'Patient/p1', { 'Accept-Encoding': accept });
      expect(headers['content-encoding']).toBeUndefined();
      expect(JSON.parse(bytes.toString())).toMatchObject({ id: 'p1' });
    },
  );

  test('that is small comes as it is', async () => {
    const { headers } = await send('GET', 'Patient/nobody', { 'Accept-Encoding': 'gzip' });
    expect(headers['content-encoding']).toBeUndefined();
  });

  test('to HEAD has the headers of the packed one', async () => {
    const get = await send('GET', 'Patient/p1', { 'Accept-Encoding': 'gzip' });
    const head = await send('HEAD', 'Patient/p1', { 'Accept-Encoding': 'gzip' });
    expect(head.bytes).toHaveLength(0);
    expect([head.headers['content-length'], head.headers['content-encoding']]).toEqual([
      get.headers['content-length'],
      'gzip',
    ]);
  });
});

describe('a body', () => {
  const text = JSON.stringify({ ...patient, id: 'p2' });
  const write = (body: Uint8Array | string, encoding: string): Promise<Answered> =>
    send('PUT', 'Patient/p2', { 'Content-Type': fhirJson, 'Content-Encoding': encoding }, body);

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', text],
    ['GZIP', gzipSync(text)],
  ])('in %s is unpacked', async (encoding, body) => {
    const { status, bytes } = await write(body, encoding);
    expect([200, 201]).toContain(status);
    expect(JSON.parse(bytes.toString())).toMatchObject({ name: patient.name });
  });

  test.each([
    ['compress', text, 415, 'unsupported-encoding'],
    ['gzip, gzip', gzipSync(gzipSync(text)), 415, 'unsupported-encoding'],
    ['constructor', text, 415, 'unsupported-encoding'],
    ['gzip', text, 400, 'malformed-encoding'],
    ['gzip', gzipSync(text).subarray(0, 60), 400, 'malformed-encoding'],
    ['br', gzipSync(text), 400, 'malformed-encoding'],
    ['deflate', '', 400, 'malformed-encoding'],
    ['gzip', gzipSync('['), 400, 'invalid-json'],
    ['gzip', gzipSync('x'.repeat(50_000_000)), 413, 'too-large'],
    ['br', brotliCompressSync('x'.repeat(50_000_000)), 413, 'too-large'],
    ['identity', 'x'.repeat(bytesMax + 1), 413, 'too-large'],
  ])('in %s that is none, or too large, is refused (%#)', async (encoding, body, status, code) => {
    const before = await everything(context);
    const answer = await write(body, encoding);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(await everything(context)).toEqual(before);
  });

  test('as a form may be packed too', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Encoding': 'gzip' };
    const { status, bytes } = await send('POST', 'Patient/_search', headers, gzipSync('_id=p1'));
    expect([status, (JSON.parse(bytes.toString()) as Bundle).entry?.length]).toEqual([200, 1]);
  });
});

describe('_pretty', () => {
  test('indents an answer and changes no value', async () => {
    const text =
      '{"resourceType":"Basic","id":"b1","code":{"text":"a \\" : , { [ \\\\"},"extension":[{"url":"urn:x","valueDecimal":1.00}]}';
    await send('PUT', 'Basic/b1', { 'Content-Type': fhirJson }, text);
    const plain = await send('GET', 'Basic/b1');
    const { bytes } = await send('GET', 'Basic/b1?_pretty=true');
    const indented = bytes.toString();
    expect(indented).toContain('\n  "code": {\n    "text": "a \\" : , { [ \\\\"\n  },\n');
    expect(indented).toContain('"valueDecimal": 1.00');
    expect(JSON.parse(indented)).toEqual(JSON.parse(plain.bytes.toString()));
    expect((await send('GET', 'Basic/b1?_pretty=false')).bytes).toEqual(plain.bytes);
  });

  test.each([
    'Patient/p1',
    'Patient/nobody',
    'Patient?_id=p1',
    'Patient?_id=nobody',
    'metadata',
    'Patient/p1/_history',
  ])('indents %s', async (path) => {
    const { bytes } = await send('GET', `${path}${path.includes('?') ? '&' : '?'}_pretty=true`);
    const text = bytes.toString();
    expect(`${JSON.stringify(JSON.parse(text), undefined, 2)}\n`.replaceAll(/\s/g, '')).toBe(
      text.replaceAll(/\s/g, ''),
    );
    expect(text.split('\n').length).toBeGreaterThan(3);
  });

  test('that is neither true nor false is a 400', async () => {
    const answer = await send('GET', 'Patient/p1?_pretty=maybe');
    expect([answer.status, codeOf(answer)]).toEqual([400, 'malformed-value']);
  });

  test('is read in a form too', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const { bytes } = await send('POST', 'Patient/_search', headers, '_id=p1&_pretty=true');
    expect(bytes.toString()).toContain('\n  "resourceType": "Bundle"');
  });
});

describe('the format', () => {
  test.each<[query: string, headers: Headers, status: number]>([
    ['_format=json', {}, 200],
    ['_format=application/fhir%2Bjson', {}, 200],
    ['_format=application/fhir+json', {}, 200],
    ['_format=application/json', { Accept: 'text/html' }, 200],
    ['_format=text/json', {}, 200],
    ['_format=application/fhir%2Bjson;fhirVersion=4.0', {}, 200],
    ['_format=xml', {}, 406],
    ['_format=', {}, 406],
    ['_format=application/fhir%2Bxml', { Accept: fhirJson }, 406],
    ['_format=application/fhir%2Bjson;fhirVersion=5.0', {}, 406],
    ['_format=%zz', {}, 400],
    ['', { Accept: `${fhirJson}; fhirVersion=4.0` }, 200],
    ['', { Accept: `${fhirJson}; fhirVersion=3.0` }, 406],
    ['', { Accept: `application/fhir+xml, ${fhirJson};q=0.5` }, 200],
    ['', { Accept: `${fhirJson};q=0` }, 406],
    ['', { Accept: 'application/*' }, 200],
    ['', { Accept: 'image/png' }, 406],
  ])('?%s with %j is %s', async (query, headers, status) => {
    expect((await send('GET', `Patient/p1?${query}`, headers)).status).toBe(status);
  });

  test.each([
    ['application/json', 'application/json'],
    [`${fhirJson};q=0.1, application/json;q=0.9`, 'application/json'],
    [`${fhirJson};q=0.9, application/json;q=0.1`, fhirJson],
    [`application/json, ${fhirJson}`, fhirJson],
    ['application/json, text/plain, */*', 'application/json'],
    ['application/json;q=0.5, */*', fhirJson],
    [`${fhirJson};q=0, */*`, 'application/json'],
    ['text/json', fhirJson],
    [`${fhirJson};q=high`, fhirJson],
  ])('Accept: %s is answered as %s', async (accept, type) => {
    const { status, headers } = await send('GET', 'Patient/p1', { Accept: accept });
    expect([status, headers['content-type']]).toEqual([200, `${type}; charset=utf-8`]);
  });

  test('that a form asks for counts', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await send('POST', 'Patient/_search', headers, '_format=xml')).status).toBe(406);
  });

  test.each([
    [`${fhirJson}; fhirVersion=4.0`, 200],
    [`${fhirJson}; fhirVersion=3.0`, 415],
    [`${fhirJson}; charset=UTF-8`, 200],
    [`${fhirJson}; charset=utf-16`, 415],
    ['application/fhir+xml', 415],
    ['text/plain', 415],
  ])('of a body, %s, is %s', async (type, status) => {
    const answer = await send('PUT', 'Patient/p1', { 'Content-Type': type }, JSON.stringify(patient));
    expect(answer.status).toBe(status);
  });
});

describe('HEAD', () => {
  test.each([
    'metadata',
    'Patient',
    'Patient?_id=p1',
    'Patient/p1',
    'Patient/p1/_history',
    'Patient/p1/_history/1',
    'Patient/nobody',
    'Account/a/$balance',
    '$async/x',
  ])('of %s has the status and headers of GET', async (path) => {
    const [get, head] = [await send('GET', path), await send('HEAD', path)];
    expect(head.bytes).toHaveLength(0);
    expect([head.status, head.headers['content-type'], head.headers['etag']]).toEqual([
      get.status,
      get.headers['content-type'],
      get.headers['etag'],
    ]);
  });
});
