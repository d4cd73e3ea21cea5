import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { fhirServers } from '../../src/transport/fhirServer.ts';
import { openTransport } from '../../src/transport/openTransport.ts';
import type { Allowed, Way } from '../../src/transport/transport.ts';

const fixture = (name: string): string => new URL(`../fixture/partner/${name}`, import.meta.url).pathname;
const own = (name: string): string => new URL(`../fixture/tls/${name}`, import.meta.url).pathname;
const secrets = mkdtempSync(join(tmpdir(), 'claimwright-tls-'));
const bytes = Buffer.from('ISA*00*~IEA*0*000000001~');

/** A partner's server with a certificate of its own authority; what came in, and who sent it. */
interface Partner {
  readonly port: number;
  readonly got: { readonly path: string; readonly from: string | undefined }[];
  readonly server: Server;
}
async function open(options: object): Promise<Partner> {
  const got: Partner['got'] = [];
  const server = createServer(options, (request, response) => {
    const { socket } = request;
    const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subject : undefined;
    request.resume().on('end', () => {
      got.push({ path: request.url ?? '', from: shown });
      response.writeHead(request.method === 'GET' ? 200 : 201).end('{"resourceType":"Bundle"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, got, server };
}

let trusted: Partner; // its certificate is of the partner's own authority
let asking: Partner; // the same, and it asks for ours
let selfSigned: Partner;
beforeAll(async () => {
  const ofAuthority = {
    key: readFileSync(fixture('server-key.pem')),
    cert: readFileSync(fixture('server.pem')),
  };
  trusted = await open(ofAuthority);
  asking = await open({
    ...ofAuthority,
    ca: readFileSync(fixture('ca.pem')),
    requestCert: true,
    rejectUnauthorized: true,
  });
  selfSigned = await open({ key: readFileSync(own('key.pem')), cert: readFileSync(own('cert.pem')) });
  for (const name of ['plain', 'known', 'client']) writeFileSync(join(secrets, name), 'office:secret');
  copyFileSync(fixture('ca.pem'), join(secrets, 'known.ca'));
  copyFileSync(fixture('ca.pem'), join(secrets, 'client.ca'));
  copyFileSync(fixture('client.pem'), join(secrets, 'client.cert'));
  copyFileSync(fixture('client-key.pem'), join(secrets, 'client.key'));
  writeFileSync(join(secrets, 'unreadable'), 'office:secret');
  mkdirSync(join(secrets, 'unreadable.ca')); // a folder cannot be read as a file
});
afterAll(async () => {
  for (const { server } of [trusted, asking, selfSigned]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(secrets, { recursive: true });
});
beforeEach(() => {
  for (const { got } of [trusted, asking, selfSigned]) got.length = 0;
});

const allowed: Allowed = { hosts: ['127.0.0.1', 'localhost'], secrets };
const send = async ({ port }: Partner, secret: string, host = '127.0.0.1'): Promise<void> => {
  const way: Way = {
    ...{ kind: 'fhir-binary', address: `https://${host}:${port}/fhir`, hostKeys: [], pickup: [] },
    folders: { out: 'out', in: 'in', archive: 'archive', failed: 'failed' },
    ...{ secret, sender: 'ALDER', receiver: 'ACME' },
  };
  await (await openTransport(way, allowed)).handOver('ACME_1.x12', bytes);
};

test('6 over TLS a partner is believed by the authority that is set for it, and gets the interchange', async () => {
  await send(trusted, 'known');
  await send(trusted, 'known', 'localhost');
  expect(trusted.got.map(({ path }) => path.replace(/-.*/, ''))).toEqual([
    '/fhir/Binary/x12',
    '/fhir/Binary/x12',
  ]);
});

test.each<[string, () => Partner, string, string]>([
  ['of an authority that nobody has set', () => trusted, 'plain', 'host-key'],
  ['that is self-signed', () => selfSigned, 'plain', 'host-key'],
  ['that is self-signed, though an authority is set', () => selfSigned, 'known', 'host-key'],
  ['where the authority that is set cannot be read', () => trusted, 'unreadable', 'not-allowed'],
])(
  '6 neighbour: a certificate %s is refused, and not a byte of the interchange leaves',
  async (_what, of, secret, code) => {
    await expect(send(of(), secret)).rejects.toMatchObject({ code });
    expect(of().got).toEqual([]);
  },
);

test('6 a partner that asks for our certificate gets it, and one who has none to show is refused', async () => {
  await send(asking, 'client');
  expect(asking.got.map(({ from }) => from)).toEqual(['CN=office']);
  await expect(send(asking, 'known')).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:login|unreachable)$/) as unknown,
  });
  expect(asking.got).toHaveLength(1);
});

test('6 neighbour: the FHIR server of a payer is called over TLS by the same rules', async () => {
  const payer = (at: Partner, secret: string) =>
    fhirServers(allowed)({ address: `https://127.0.0.1:${at.port}/fhir`, secret });
  const get = async (at: Partner, secret: string): Promise<number> => {
    const server = payer(at, secret);
    return (await server.call({ method: 'GET', url: `${server.base}/Claim`, headers: {} })).status;
  };
  expect(await get(asking, 'client')).toBe(200);
  await expect(get(selfSigned, 'known')).rejects.toMatchObject({ code: 'host-key' });
});
