import { isIP } from 'node:net';
import { isLoopback } from './datatypes/host.ts';

/** The settings that say who may ask, over what connection, and how often. */
export interface AuthorizationConfig {
  /** `off`: nobody needs a token; `token`: one for all; `smart`: tokens of the authorization server. */
  readonly auth: 'off' | 'token' | 'smart';
  readonly token?: string;
  /** PEM files; with them the server speaks TLS itself. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Addresses and networks (CIDR) of proxies whose X-Forwarded-For and -Proto are believed. */
  readonly trustedProxies?: readonly string[];
  /** Whether apps may register themselves (RFC 7591). */
  readonly registration: 'off' | 'on';
  /** Requests a minute of one client; 0: any number. */
  readonly rateLimit: number;
}

interface Asked {
  readonly setting: (name: string) => string | undefined;
  readonly host: string;
  readonly publicUrl: string | undefined;
  /** Stops the start with the name of the setting and a text. */
  readonly refuse: (name: string, text: string) => never;
}

const tokenLengthMin = 32;
const rateLimitDefault = 1200;

/** Reads them; what is wrong stops the start. */
export function authorizationOf(asked: Asked): AuthorizationConfig {
  const authorization = authOf(asked);
  const { setting, refuse } = asked;
  const [cert, key] = [setting('TLS_CERT'), setting('TLS_KEY')];
  if (cert === undefined && key !== undefined) refuse('TLS_KEY', 'is set without CLAIMWRIGHT_TLS_CERT');
  if (cert !== undefined && key === undefined) refuse('TLS_CERT', 'is set without CLAIMWRIGHT_TLS_KEY');
  const trustedProxies = proxiesOf(asked);
  return {
    ...authorization,
    ...(cert === undefined || key === undefined ? {} : { tls: { cert, key } }),
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
    registration: registrationOf(asked),
    rateLimit: rateLimitOf(asked, authorization.auth),
  };
}

function authOf({ setting, host, publicUrl, refuse }: Asked): Pick<AuthorizationConfig, 'auth' | 'token'> {
  const auth = setting('AUTH') ?? 'off';
  const token = setting('TOKEN');
  switch (auth) {
    case 'off':
      if (token !== undefined)
        return refuse('TOKEN', 'is set, but CLAIMWRIGHT_AUTH is off: nobody would be asked for it');
      if (isLoopback(host)) return { auth };
      return refuse(
        'AUTH',
        `must not be off while CLAIMWRIGHT_HOST is ${host}: without authorization the server ` +
          'listens on a loopback address only; set it to smart or token',
      );
    case 'token':
      if (token === undefined || token.length < tokenLengthMin || !/^[\x21-\x7e]+$/.test(token))
        return refuse('TOKEN', `must have at least ${tokenLengthMin} visible ASCII characters`);
      return { auth, token };
    case 'smart':
      if (token !== undefined)
        return refuse(
          'TOKEN',
          'is set, but CLAIMWRIGHT_AUTH is smart: its tokens come from the authorization server',
        );
      if (!isPrivate(host, publicUrl, setting('TLS_CERT') !== undefined))
        return refuse(
          'PUBLIC_URL',
          `must be an https URL while CLAIMWRIGHT_AUTH is smart and CLAIMWRIGHT_HOST is ${host}: ` +
            'tokens and passwords travel to it',
        );
      return { auth };
    default:
      return refuse('AUTH', 'must be one of off, token, smart');
  }
}

/** Whether what travels to the server cannot be read on the way: by TLS, or because it stays on this machine. */
function isPrivate(host: string, publicUrl: string | undefined, hasTls: boolean): boolean {
  if (publicUrl === undefined) return hasTls || isLoopback(host);
  const { protocol, hostname } = new URL(publicUrl);
  return protocol === 'https:' || isLoopback(hostname);
}

function proxiesOf({ setting, refuse }: Asked): readonly string[] | undefined {
  const given = setting('TRUSTED_PROXIES');
  if (given === undefined) return undefined;
  const proxies = given.split(',').map((text) => text.trim());
  if (proxies.every(isAddressOrNetwork)) return proxies;
  return refuse('TRUSTED_PROXIES', 'must be addresses or networks, as in 10.0.0.1,192.168.0.0/16');
}

function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function registrationOf({ setting, refuse }: Asked): AuthorizationConfig['registration'] {
  const given = setting('REGISTRATION') ?? 'off';
  return given === 'off' || given === 'on' ? given : refuse('REGISTRATION', 'must be one of off, on');
}

function rateLimitOf({ setting, refuse }: Asked, auth: AuthorizationConfig['auth']): number {
  const given = setting('RATE_LIMIT');
  if (given === undefined) return auth === 'off' ? 0 : rateLimitDefault;
  if (!/^\d{1,9}$/.test(given))
    return refuse('RATE_LIMIT', 'must be a whole number of requests a minute, 0 for any number');
  return Number(given);
}
