import type { Duplex } from 'node:stream';
import { details, toOutcome } from '../outcome/issue.ts';
import { fhirJson } from './content.ts';

const refusals: Readonly<Record<string, readonly [status: string, code: string, text: string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'headers-too-large',
    'URL and headers are too long',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'timeout', 'the request took too long to arrive'],
};
const malformed = ['400 Bad Request', 'malformed-http', 'this is not well-formed HTTP'] as const;

/** What Node's parser refuses never becomes a request; it is answered by an OperationOutcome all the same. */
export function clientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, text] = refusals[error.code ?? ''] ?? malformed;
  const outcome = toOutcome([{ severity: 'error', code: 'invalid', details: details(code, text) }]);
  const body = JSON.stringify(outcome);
  const lines = [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `Content-Type: ${fhirJson}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
