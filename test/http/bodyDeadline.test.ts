import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { closeUnlessComplete } from '../../src/http/bodyDeadline.ts';
import { httpServer } from '../httpServer.ts';

const within = 600; // milliseconds
let server: Server;
let port: number;

beforeAll(async () => {
  server = httpServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** /early answers before the body, /whole when it is here, /late long after it. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  closeUnlessComplete(request, within);
  try {
    if (request.url !== '/early') for await (const chunk of request) expect(chunk).toBeDefined();
    if (request.url === '/late') await new Promise((resolve) => setTimeout(resolve, 2 * within));
  } catch {
    return;
  }
  response.end('done');
}

/** Sends a body of five bytes, all or some of them; answers what came until the connection was closed by the server. */
const send = (path: string, body: string): Promise<{ readonly text: string; readonly isClosed: boolean }> =>
  new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n${body}`);
    const drip = setInterval(() => {
      if (body === '') socket.write('');
    }, 20);
    const end = (isClosed: boolean): void => {
      clearInterval(drip);
      clearTimeout(patience);
      socket.destroy();
      resolve({ text, isClosed });
    };
    const patience = setTimeout(
      () => {
        end(false);
      },
      body.length < 5 ? 60_000 : 4 * within,
    );
    socket.on('data', (data) => (text += data.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      end(true);
    });
  });

test('D attack: a body that does not come closes its connection, answered or not', async () => {
  const [whole, early] = await Promise.all([send('/whole', 'abc'), send('/early', 'abc')]);
  expect(whole).toEqual({ text: '', isClosed: true });
  expect([early.text.slice(0, 15), early.isClosed]).toEqual(['HTTP/1.1 200 OK', true]);
});

test('D attack neighbour: a body that has come keeps its connection, however long the answer takes', async () => {
  const answers = await Promise.all(['/whole', '/early', '/late'].map((path) => send(path, 'abcde')));
  for (const { text, isClosed } of answers)
    expect([
      text.slice(0, 15),
      text.endsWith('done\r\n0\r\n\r\n') || text.endsWith('done'),
      isClosed,
    ]).toEqual([...['HTTP/1.1 200 OK', true, false]]);
});
