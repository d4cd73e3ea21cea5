import { lookup as resolveName, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { errors } from 'oidc-provider';

const { request: requestHttps } = process.getBuiltinModule('node:https');
const { request: requestHttp } = process.getBuiltinModule('node:http');

const bytesMax = 64 * 1024;
const patience_ms = 2500;

/** Addresses that are not of the public internet: of this machine, of private and of special networks. */
const special = new BlockList();
for (const [network, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
  ] as const),
  ...([
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
  ] as const),
  ...([
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
])
  special.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ...([
    ['::', 96], // with addresses of version 4 in their old form
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
    ['100::', 64],
  ] as const),
  ...([
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['fc00::', 7],
    ['fe80::', 10],
    ['ff00::', 8],
  ] as const),
])
  special.addSubnet(network, bits, 'ipv6');

/** Whether an address is one that a URL of a stranger may lead to. */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isPublicAddress(mapped);
  const version = isIP(address);
  // Any other form of a mapped address (in hexadecimal digits) is caught by its network.
  if (version === 6 && mappedNetwork.check(address, 'ipv6')) return false;
  return version !== 0 && !special.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
const mappedNetwork = new BlockList();
mappedNetwork.addSubnet('::ffff:0:0', 96, 'ipv6');

interface Options {
  /** Lets private addresses and plain http be asked too: for a server that only its own machine reaches. */
  readonly isLocal: boolean;
  /** Who says where a name leads; the system's own where nothing is said. */
  readonly resolve?: Resolve;
}

type Resolve = (
  name: string,
  options: LookupAllOptions,
  found: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Fetches what a client's metadata names (jwks_uri): over https, without following redirects, from public addresses
 * only. The address is judged where the connection is made, so a name that answers otherwise the second time leads
 * nowhere else.
 */
export function guardedFetch({ isLocal, resolve = resolveName }: Options): typeof globalThis.fetch {
  return async (given, options = {}) => {
    const url = new URL(given instanceof Request ? given.url : given);
    const { protocol, hostname } = url;
    const host = hostname.replace(/^\[|\]$/g, '');
    if (protocol !== 'https:' && !(isLocal && protocol === 'http:')) throw refused('it is not an https URL');
    if (url.username !== '' || url.password !== '') throw refused('it holds a password');
    if (!isLocal && isIP(host) !== 0 && !isPublicAddress(host)) throw refused('its address is not public');
    return ask(url, new Headers(options.headers), { isLocal, resolve });
  };
}

const refused = (why: string): Error =>
  new errors.InvalidClientMetadata(`a URL of the client is not fetched: ${why}`);

function ask(
  url: URL,
  headers: Headers,
  { isLocal, resolve: resolveHere }: Required<Options>,
): Promise<Response> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: 'GET',
      headers: Object.fromEntries(headers),
      signal: AbortSignal.timeout(patience_ms),
      agent: false,
      lookup: (name, options, found) => {
        resolveHere(name, { ...options, all: true }, (error, given?: readonly LookupAddress[]) => {
          const addresses = [...(given ?? [])]; // none where the name is unknown
          const [first] = addresses;
          if (error || !first) found(error ?? new Error('no address'), '', 0);
          else if (!isLocal && !addresses.every(({ address }) => isPublicAddress(address)))
            found(refused('its address is not public'), '', 0);
          else if (options.all === true) found(null, addresses);
          else found(null, first.address, first.family);
        });
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const { statusCode = 500 } = response;
      if (statusCode >= 300 && statusCode < 400) {
        request.destroy(refused('it answers with a redirect'));
        return;
      }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > bytesMax) request.destroy(refused('its answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const names = ['content-type', 'cache-control', 'expires'];
        const kept = names.flatMap((name): [string, string][] => {
          const value = response.headers[name];
          return typeof value === 'string' ? [[name, value]] : [];
        });
        resolve(new Response(Buffer.concat(chunks), { status: statusCode, headers: kept }));
      });
    });
    request.end();
  });
}
