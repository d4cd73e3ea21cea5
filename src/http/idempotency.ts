import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Key } from '../interaction/rest/idempotentTransaction.ts';
import { badRequest } from '../outcome/fhirError.ts';

/**
 * The Idempotency-Key of a POST with its scope: principal, method, URL below the path that the server is mounted at.
 * See https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export function keyOf(
  { headers, url = '' }: IncomingMessage,
  principal: string,
  body: Uint8Array,
): Key | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  if (typeof given !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(given)) {
    throw badRequest('malformed-header', 'Idempotency-Key must have 1 to 255 printable ASCII characters');
  }
  return {
    text: `${principal} POST /fhir${url.replace(/\/(?=$|\?)/, '')} ${given}`,
    bodyHash: createHash('sha256').update(body).digest('hex'),
  };
}
