import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../src/app.ts';
import type { Settings } from '../../src/http/settings.ts';
import type { Context } from '../../src/interaction/context.ts';
import { testContext } from '../context.ts';
import { httpServer } from '../httpServer.ts';

/** A server that listens, and is asked over few sockets that stay open. */
export interface Listening {
  readonly context: Context;
  readonly base: string;
  /** Sends bytes as they are: a path is not tidied on its way. */
  send(
    method: string,
    path: string,
    body?: string | Buffer,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Received>;
  close(): Promise<void>;
}
export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export async function listen(
  over: Partial<Context> = {},
  settings: Partial<Settings> = {},
): Promise<Listening> {
  const server = httpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}/fhir`;
  const context = await testContext({ publicUrl: base, ...over });
  server.on('request', createApp(context, settings));
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const send: Listening['send'] = (method, path, body = '', headers = {}) =>
    new Promise((resolve, reject) => {
      const length =
        method === 'GET' && body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sent = request({ port, method, path, agent, headers: { ...length, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    context,
    base,
    send,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await context.store.close();
    },
  };
}
