import { type IncomingMessage, type ServerResponse } from 'node:http';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMultipart } from '../../src/transport/multipart.ts';
import { httpServer } from '../httpServer.ts';

export interface HttpPartner {
  readonly port: number;
  readonly envelopes: ReadonlyMap<string, Buffer>[];
  close(): Promise<void>;
}

/** A partner's web server over a folder: the CORE envelope at /core, FHIR Binary at /fhir. The login is office:secret. */
export async function httpPartner(root: string): Promise<HttpPartner> {
  const envelopes: ReadonlyMap<string, Buffer>[] = [];
  const server = httpServer((request, response) => {
    void bodyOf(request).then((body) => {
      const url = request.url ?? '';
      if (url === '/core') {
        const envelope = readMultipart(request.headers['content-type'] ?? '', body);
        envelopes.push(envelope);
        core(root, envelope, response);
      } else if (url === '/moved') response.writeHead(302, { location: '/core' }).end();
      else binary(root, request, body, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    envelopes,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function core(root: string, envelope: ReadonlyMap<string, Buffer>, response: ServerResponse): void {
  const field = (name: string): string => envelope.get(name)?.toString() ?? '';
  const isKnown = field('UserName') === 'office' && field('Password') === 'secret';
  const payload = envelope.get('Payload');
  let id = field('PayloadID');
  let found: Buffer | undefined;
  if (isKnown && payload) writeFileSync(join(root, 'out', id), payload);
  else if (isKnown && field('PayloadType').includes('Request')) {
    const [name] = readdirSync(join(root, 'in'));
    if (name !== undefined) {
      id = name.replace(/\.x12$/, '');
      found = readFileSync(join(root, 'in', name));
    }
  } else if (isKnown) renameSync(join(root, 'in', `${id}.x12`), join(root, 'archive', `${id}.x12`));
  const form = new FormData();
  form.set('PayloadID', id);
  form.set('ErrorCode', isKnown ? 'Success' : 'Sender');
  if (found) form.set('Payload', new Blob([new Uint8Array(found)]), 'payload');
  const answer = new Response(form);
  void answer.arrayBuffer().then((bytes) => {
    response
      .writeHead(200, { 'content-type': answer.headers.get('content-type') ?? '' })
      .end(Buffer.from(bytes));
  });
}

function binary(root: string, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  if (request.headers.authorization !== `Basic ${Buffer.from('office:secret').toString('base64')}`) {
    response.writeHead(401).end();
    return;
  }
  const file = join(root, 'out', (request.url ?? '').replace(/.*\//, ''));
  if (request.method === 'PUT' && !existsSync(file)) {
    writeFileSync(file, body);
    response.writeHead(201).end();
  } else if (request.method === 'PUT') response.writeHead(412).end();
  else if (existsSync(file)) response.writeHead(200).end(readFileSync(file));
  else response.writeHead(404).end();
}
