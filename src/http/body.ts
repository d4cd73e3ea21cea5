import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { defaultLimits } from '../interaction/limits.ts';
import type { Arrival } from './bodyArrivals.ts';
import { badRequest, FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';

/** Bytes that any body may unpack to. */
const unjudged = 1024 * 1024;

/** The limits of a body. */
export interface BodyBounds {
  readonly bytesMax: number;
  /** How many times its packed bytes it may unpack to. */
  readonly ratioMax?: number;
  /** Counts its bytes as they arrive. */
  readonly arrival?: Arrival;
}

/** The bytes of a request, unpacked where they came compressed; 413 as soon as they are more than allowed. */
export function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<Buffer> {
  const { bytesMax } = bounds;
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.reject(tooLarge(bytesMax));
  const encoding = request.headers['content-encoding']?.trim().toLowerCase();
  if (encoding === undefined || encoding === 'identity') {
    const refusalOf = (length: number) => (length > bytesMax ? tooLarge(bytesMax) : undefined);
    return collect(request, request, { refusalOf, arrival: bounds.arrival });
  }
  const unpacker = unpackers[encoding];
  return unpacker
    ? unpacked(request, unpacker(), bounds)
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

/** The bytes of a request as they arrive, unpacked and without limit; 400 when the connection breaks. */
export async function* streamBody(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const unpacker = unpackers[encoding]?.();
  if (!unpacker && encoding !== 'identity')
    throw new FhirError(415, [unknownEncoding], { 'accept-encoding': 'gzip, deflate, br' });
  request.once('aborted', () => unpacker?.destroy(new Error('aborted')));
  const from: Readable = unpacker ? request.pipe(unpacker) : request;
  try {
    // not destroyed when we stop early: the refusal is sent on the same connection
    for await (const chunk of from.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch (error) {
    if (request.readableAborted || request.destroyed) throw incomplete();
    if (!unpacker) throw error;
    throw badRequest('malformed-encoding', 'the body is not what its Content-Encoding says');
  }
}

/** Counts the unpacked bytes of a small body as they arrive, so that they cannot fill the memory. */
async function unpacked(request: IncomingMessage, unpacker: Unpacker, bounds: BodyBounds): Promise<Buffer> {
  const { bytesMax, ratioMax = defaultLimits.unpackedRatio, arrival } = bounds;
  let packed = 0;
  request.on('data', (chunk: Buffer) => (packed += chunk.length));
  const refusalOf = (length: number): FhirError | undefined => {
    if (length > bytesMax) return tooLarge(bytesMax);
    return length > unjudged && length > packed * ratioMax ? tooDense(ratioMax) : undefined;
  };
  try {
    return await collect(request.pipe(unpacker), request, { refusalOf, arrival });
  } catch (error) {
    request.unpipe(unpacker);
    request.resume();
    unpacker.destroy();
    if (error instanceof FhirError) throw error;
    throw badRequest('malformed-encoding', 'the body is not what its Content-Encoding says');
  }
}

interface Collecting {
  /** The error where the bytes so far are too many. */
  readonly refusalOf: (length: number) => FhirError | undefined;
  readonly arrival?: Arrival | undefined;
}

function collect(
  from: Readable,
  request: IncomingMessage,
  { refusalOf, arrival }: Collecting,
): Promise<Buffer> {
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
    const refused = refusalOf(length);
    if (refused) {
      chunks.length = 0;
      reject(refused);
      return;
    }
    chunks.push(chunk);
    const turn = arrival?.came(chunk.length);
    if (!turn) return;
    from.pause();
    void turn.then(() => from.resume());
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

/** Milliseconds within which a body has to arrive. */
const collectedWithin = 300_000;

const incomplete = (): FhirError => badRequest('incomplete-body', 'the body ended before it was complete');

const tooLate = (): FhirError =>
  new FhirError(
    408,
    [{ severity: 'error', code: 'timeout', details: details('late-body', 'the body took too long to come') }],
    { connection: 'close' },
  );

/** The refusal of a stalled body while others wait. */
export const stalledBody = (): FhirError =>
  new FhirError(
    408,
    [
      {
        severity: 'error',
        code: 'timeout',
        details: details('stalled-body', 'the body came too slowly while others had to wait for it'),
      },
    ],
    { connection: 'close' },
  );

const unknownEncoding = {
  severity: 'error',
  code: 'not-supported',
  details: details('unsupported-encoding', 'a body may come as it is, or as gzip, deflate or br'),
} as const;

const refused413 = (text: string): FhirError =>
  new FhirError(413, [{ severity: 'error', code: 'too-long', details: details('too-large', text) }], {
    connection: 'close',
  });
const tooLarge = (bytesMax: number): FhirError =>
  refused413(`the body must not be larger than ${bytesMax} bytes, unpacked`);
const tooDense = (ratioMax: number): FhirError =>
  refused413(`the body must not unpack to more than ${ratioMax} times its bytes`);
