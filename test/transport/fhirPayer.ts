import { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Bundle, Claim, Endpoint, Organization, Resource } from '@medplum/fhirtypes';
import { createApp } from '../../src/app.ts';
import { seedFiles } from '../../src/command/seed.ts';
import { system, extension } from '../../src/terminology/system.ts';
import { testContext } from '../context.ts';
import { parametersOf, sentOn } from '../firm/payerAtTheEnd.ts';
import { httpServer } from '../httpServer.ts';

const folder = new URL('../../seed/', import.meta.url);

/** What a payer's server got, and how it misbehaves. */
export interface FhirPayer {
  readonly base: string;
  readonly got: Bundle[];
  /** Takes a request instead of the payer; true where it has answered (or never will). */
  before: (request: IncomingMessage, response: ServerResponse, body: string) => boolean | Promise<boolean>;
  /** What is said instead of the answer of the payer; undefined: the connection is cut. */
  after: (answer: Bundle) => Bundle | Resource | undefined;
  /** The payer judges a Bundle, as it does when it gets it. */
  judge(bundle: Bundle): Promise<Bundle>;
  close(): Promise<void>;
}

/**
 * A second server of ours as the payer: what comes in a Bundle is stored there as a payer takes its members' claims in,
 * and is judged by its simulator, all over HTTP.
 */
export async function openFhirPayer(): Promise<FhirPayer> {
  const context = await testContext({ now: () => '2026-11-24T15:00:00Z' });
  const inner = httpServer(createApp(context));
  const own = `http://127.0.0.1:${await listen(inner)}/fhir`;
  const ask = async (path: string, body?: unknown): Promise<Resource> => {
    const answer = await fetch(`${own}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { 'content-type': 'application/fhir+json' },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${text}`);
    return JSON.parse(text) as Resource;
  };
  const practice = seedFiles()
    .flatMap((file) => (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Bundle).entry ?? [])
    .flatMap(({ resource }) => (resource ? [{ name: 'resource', resource }] : []));
  await ask('/$import', parametersOf(...practice));
  const judge = async (bundle: Bundle): Promise<Bundle> => {
    const entry = (bundle.entry ?? []).map(({ resource }) => ({
      resource: resource as Resource,
      request: { method: 'PUT' as const, url: `${resource?.resourceType ?? ''}/${resource?.id ?? ''}` },
    }));
    const claim = bundle.entry?.[0]?.resource as Claim & { id: string };
    const known = await fetch(`${own}/Claim/${claim.id}`);
    if (known.status === 404) {
      const drafted = entry.map((e) =>
        e.resource === claim ? { ...e, resource: { ...claim, status: 'draft' } } : e,
      );
      await ask('', { resourceType: 'Bundle', type: 'transaction', entry: drafted });
    }
    const response = await ask(`/Claim/${claim.id}/$submit`, parametersOf(sentOn));
    return { resourceType: 'Bundle', type: 'collection', entry: [{ resource: response }] };
  };
  const payer = {
    got: [] as Bundle[],
    before: () => false,
    after: (answer: Bundle) => answer,
  } as Pick<FhirPayer, 'got'> & { -readonly [K in 'before' | 'after']: FhirPayer[K] };
  const outer = httpServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const isSubmit = request.url?.endsWith('/Claim/$submit') === true;
    if (isSubmit) payer.got.push(JSON.parse(body) as Bundle);
    if (await payer.before(request, response, body)) return;
    if (!isSubmit) {
      const passed = await fetch(`${own}${(request.url ?? '').replace(/^\/fhir/, '')}`);
      response.writeHead(passed.status, { 'content-type': 'application/fhir+json' }).end(await passed.text());
      return;
    }
    const said = payer.after(await judge(JSON.parse(body) as Bundle));
    if (said === undefined) request.socket.destroy();
    else response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(JSON.stringify(said));
  };
  const base = `http://127.0.0.1:${await listen(outer)}/fhir`;
  return Object.assign(payer, {
    base,
    judge,
    close: async () => {
      for (const server of [outer, inner]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await context.store.close();
    },
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The Endpoint of a payer's FHIR server. */
export const payerEndpoint = (
  address: string,
  parts: Readonly<Record<string, string>> = {},
): Endpoint & { id: string } => ({
  resourceType: 'Endpoint',
  id: 'juniper-fhir',
  status: 'active',
  connectionType: { system: system.gateway, code: 'fhir' },
  payloadType: [{ text: 'claims' }],
  address,
  ...(Object.keys(parts).length === 0
    ? {}
    : {
        extension: [
          {
            url: extension.payerServer,
            extension: Object.entries(parts).map(([url, value]) =>
              url === 'usage' || url === 'look'
                ? { url, valueCode: value }
                : url === 'tokenUrl'
                  ? { url, valueUrl: value }
                  : { url, valueString: value },
            ),
          },
        ],
      }),
});

export const withEndpoint = (payer: Organization): void => {
  payer.endpoint = [{ reference: 'Endpoint/juniper-fhir' }];
};
