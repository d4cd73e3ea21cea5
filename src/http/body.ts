import type { IncomingMessage } from 'node:http';
import { badRequest, FhirError } from '../outcome/fhirError.ts';
import { details } from '../outcome/issue.ts';

/** The bytes of a request; 413 as soon as they are more than allowed. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.reject(tooLarge(bytesMax));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(tooLarge(bytesMax));
      }
    });
    request.on('end', () => {
      const [only] = chunks;
      resolve(only && chunks.length === 1 ? only : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('aborted', () => {
      reject(badRequest('incomplete-body', 'the body ended before it was complete'));
    });
  });
}

const tooLarge = (bytesMax: number): FhirError =>
  new FhirError(
    413,
    [
      {
        severity: 'error',
        code: 'too-long',
        details: details('too-large', `the body must not be larger than ${bytesMax} bytes`),
      },
    ],
    { connection: 'close' },
  );
