import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLoopback } from '../datatypes/host.ts';
import { TransportFault, type Allowed, type Way } from './transport.ts';

const secretName = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const secretBytesMax = 64 * 1024;

/** Whether a name may be that of a file in the folder of secrets: it leads nowhere else. */
export const isSecretName = (name: string): boolean => secretName.test(name) && !name.includes('..');

/** The secret that a way names, read anew each time: it may be renewed while the server runs. */
export async function secretOf({ secret }: Pick<Way, 'secret'>, { secrets }: Allowed): Promise<string> {
  if (secret === undefined) throw new TransportFault('not-allowed', 'the Endpoint names no secret');
  if (secrets === undefined)
    throw new TransportFault('not-allowed', 'CLAIMWRIGHT_SECRETS names no folder of secrets');
  if (!isSecretName(secret))
    throw new TransportFault('not-allowed', 'the name of the secret is not a plain one');
  const text = await readFile(join(secrets, secret), 'utf8').catch((error: unknown) => {
    throw new TransportFault('not-allowed', `the secret ${secret} cannot be read`, error);
  });
  if (text.length > secretBytesMax)
    throw new TransportFault('not-allowed', `the secret ${secret} is too long`);
  return text.trimEnd();
}

export const isPrivateKey = (secret: string): boolean => secret.startsWith('-----BEGIN ');

/** Name and password of a secret in the form name:password. */
export function loginOf(secret: string): { readonly user: string; readonly password: string } {
  const at = secret.indexOf(':');
  if (at < 1) throw new TransportFault('not-allowed', 'the secret is not of the form name:password');
  return { user: secret.slice(0, at), password: secret.slice(at + 1) };
}

/** The address of a way over the network; only hosts that the settings name may be called. */
export function allowedUrl(
  { address }: Pick<Way, 'address'>,
  protocols: readonly string[],
  { hosts }: Allowed,
): URL {
  const url = URL.parse(address);
  if (!url || !protocols.includes(url.protocol) || url.password !== '' || url.hash !== '')
    throw new TransportFault(
      'not-allowed',
      `the address of the Endpoint is not a URL of ${protocols.join(', ')}`,
    );
  const host = url.hostname.toLowerCase();
  const port = url.port === '' ? usualPort[url.protocol] : url.port;
  const named = hosts.map((h) => h.toLowerCase());
  if (!named.includes(`${host}:${port ?? ''}`) && !named.includes(host))
    throw new TransportFault('not-allowed', `CLAIMWRIGHT_TRANSPORT_HOSTS does not name ${host}`);
  if (url.protocol === 'http:' && !isLoopback(host))
    throw new TransportFault('not-allowed', 'claims leave this machine over https only');
  return url;
}

const usualPort: Readonly<Record<string, string>> = { 'sftp:': '22', 'https:': '443', 'http:': '80' };
