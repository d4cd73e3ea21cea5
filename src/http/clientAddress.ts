import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { exchangeOf, type Step } from './exchange.ts';

/** Whether an address is that of a proxy whose words are believed. */
export type Trusts = (address: string) => boolean;

/** Reads addresses and networks (CIDR) of proxies. */
export function trusting(proxies: readonly string[] = []): Trusts {
  if (proxies.length === 0) return () => false;
  const list = new BlockList();
  for (const text of proxies) {
    const [address = '', bits] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** An IPv4 address that came as one of IPv6 is written as what it is. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/**
 * The address of who sent a request: the last hop that no trusted proxy speaks for. What X-Forwarded-For says before a
 * hop that is not trusted may be anything.
 */
export function addressOf({ socket, headers }: IncomingMessage, trusts: Trusts): string {
  let address = plain(socket.remoteAddress ?? '');
  const given = headers['x-forwarded-for'];
  if (given === undefined || !isIP(address) || !trusts(address)) return address;
  const hops = (Array.isArray(given) ? given.join(',') : given).split(',').map((hop) => plain(hop.trim()));
  for (let hop = hops.pop(); hop !== undefined && isIP(hop) > 0; hop = hops.pop()) {
    address = hop;
    if (!trusts(address)) break;
  }
  return address;
}

/** Whether a request came over TLS: to this server, or to a trusted proxy before it. */
export const isSecured = ({ socket, headers }: IncomingMessage, trusts: Trusts): boolean =>
  'encrypted' in socket ||
  (headers['x-forwarded-proto'] === 'https' && trusts(plain(socket.remoteAddress ?? '')));

/** Finds out where a request comes from. Headers of proxies that are not trusted say nothing to the steps behind. */
export function clientAddress(proxies: readonly string[] | undefined): Step {
  const trusts = trusting(proxies);
  return (request, response, next) => {
    const exchange = exchangeOf(response);
    exchange.address = addressOf(request, trusts);
    if (isSecured(request, trusts)) exchange.headers.push('Strict-Transport-Security', 'max-age=31536000');
    next();
  };
}
