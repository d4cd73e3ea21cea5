import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { badRequest, FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';

/** The bytes of a request, unpacked where they came compressed; 413 as soon as they are more than allowed. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.reject(tooLarge(bytesMax));
  const encoding = request.headers['content-encoding']?.trim().toLowerCase();
  if (encoding === undefined || encoding === 'identity') return collect(request, request, bytesMax);
  const unpacker = unpackers[encoding];
  return unpacker
    ? unpacked(request, unpacker(), bytesMax)
    : Promise.reject(new FhirError(415, [unknownEncoding], { 'accept-encoding': 'gzip, deflate, br' }));
}

type Unpacker = ReturnType<typeof createGunzip | typeof createInflate | typeof createBrotliDecompress>;
const unpackers: Readonly<Record<string, (() => Unpacker) | undefined>> = Object.assign(
  Object.create(null) as object,
  {
    gzip: () => createGunzip(),
    'x-gzip': () => createGunzip(),
    deflate: () => createInflate(),
    br: () => createBrotliDecompress(),
  },
);

/** The bytes of a request as they come, unpacked, however many there are; 400 when they break off. */
export async function* streamBody(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const unpacker = unpackers[encoding]?.();
  if (!unpacker && encoding !== 'identity')
    throw new FhirError(415, [unknownEncoding], { 'accept-encoding': 'gzip, deflate, br' });
  request.once('aborted', () => unpacker?.destroy(new Error('aborted')));
  const from: Readable = unpacker ? request.pipe(unpacker) : request;
  try {
    // not destroyed when we stop early: the connection is still there to say why
    for await (const chunk of from.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch (error) {
    if (request.readableAborted || request.destroyed) throw incomplete();
    if (!unpacker) throw error;
    throw badRequest('malformed-encoding', 'the body is not what its Content-Encoding says');
  }
}

/** What a small body unpacks to is counted as it comes, so that it never fills the memory. */
async function unpacked(request: IncomingMessage, unpacker: Unpacker, bytesMax: number): Promise<Buffer> {
  try {
    return await collect(request.pipe(unpacker), request, bytesMax);
  } catch (error) {
    request.unpipe(unpacker);
    request.resume();
    unpacker.destroy();
    if (error instanceof FhirError) throw error;
    throw badRequest('malformed-encoding', 'the body is not what its Content-Encoding says');
  }
}

function collect(from: Readable, request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  if (request.readableEnded) return Promise.reject(new Error('a body parser before ours has read the body'));
  if (request.destroyed) return Promise.reject(incomplete());
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const late = setTimeout(() => {
    reject(tooLate());
  }, collectedWithin);
  const chunks: Buffer[] = [];
  let length = 0;
  from.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= bytesMax) chunks.push(chunk);
    else {
      chunks.length = 0;
      reject(tooLarge(bytesMax));
    }
  });
  from.on('end', () => {
    const [only] = chunks;
    resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
  });
  from.on('error', reject);
  request.on('aborted', () => {
    reject(incomplete());
  });
  return promise.finally(() => {
    clearTimeout(late);
  });
}

/** Milliseconds that a body may take to come. */
const collectedWithin = 300_000;

const incomplete = (): FhirError => badRequest('incomplete-body', 'the body ended before it was complete');

const tooLate = (): FhirError =>
  new FhirError(
    408,
    [{ severity: 'error', code: 'timeout', details: details('late-body', 'the body took too long to come') }],
    { connection: 'close' },
  );

const unknownEncoding = {
  severity: 'error',
  code: 'not-supported',
  details: details('unsupported-encoding', 'a body may come as it is, or as gzip, deflate or br'),
} as const;

const tooLarge = (bytesMax: number): FhirError =>
  new FhirError(
    413,
    [
      {
        severity: 'error',
        code: 'too-long',
        details: details('too-large', `the body must not be larger than ${bytesMax} bytes, unpacked`),
      },
    ],
    { connection: 'close' },
  );
