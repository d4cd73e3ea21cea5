import { connect, type AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { clientError } from '../../src/http/clientError.ts';
import { httpServer } from '../httpServer.ts';

test.each([
  ['what is not HTTP', 'hello\r\n\r\n', '400 Bad Request', 'malformed-http'],
  [
    'headers of 20 kB',
    `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
    '431 Request Header Fields Too Large',
    'headers-too-large',
  ],
])('%s gets an OperationOutcome', async (_name, text, status, code) => {
  const server = httpServer();
  server.on('clientError', clientError);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await new Promise<string>((resolve) => {
    let received = '';
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => {
      received += data.toString();
    });
    socket.on('close', () => {
      resolve(received);
    });
  });
  server.close();
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}\r\n`));
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  expect(JSON.parse(body)).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [{ details: { coding: [{ code }] } }],
  });
});
