import { randomUUID } from 'node:crypto';
import { allowedUrl, isPrivateKey, secretOf } from './allowed.ts';
import { signAssertion, type SigningKey } from './assertion.ts';
import { callPartner, refuseStatus } from './call.ts';
import { jsonOf, textAt } from './jsonBody.ts';
import { TransportFault, type Allowed, type FhirWay } from './transport.ts';

interface Kept {
  readonly token: string;
  readonly until: number; // epoch milliseconds
}

/** The tokens that were got, by who they are for. */
export type Tokens = Map<string, Kept>;

const usuallyLasts_s = 300;
const leftAtLeast_ms = 30_000;

/**
 * What stands behind Authorization for a FHIR server: where its Endpoint names a client, a token of the client
 * credentials grant, by a key of its own (SMART backend services) or a client secret; else the secret itself.
 */
export async function authorizationFor(way: FhirWay, allowed: Allowed, tokens: Tokens): Promise<string> {
  const secret = way.secret === undefined ? undefined : await secretOf(way, allowed);
  if (way.clientId === undefined) {
    if (secret === undefined) return '';
    return secret.includes(':') ? `Basic ${Buffer.from(secret).toString('base64')}` : `Bearer ${secret}`;
  }
  if (secret === undefined)
    throw new TransportFault('not-allowed', 'the Endpoint names a client but no secret');
  const kept = tokens.get(keyOf(way));
  if (kept && kept.until > Date.now()) return `Bearer ${kept.token}`;
  const got = await askToken(way, allowed, { client: way.clientId, secret });
  tokens.set(keyOf(way), got);
  return `Bearer ${got.token}`;
}

/** A token that the server refused is not used again. */
export const forgetToken = (way: FhirWay, tokens: Tokens): boolean => tokens.delete(keyOf(way));

const keyOf = ({ address, clientId, tokenUrl, secret }: FhirWay): string =>
  JSON.stringify([address, clientId, tokenUrl, secret]);

async function askToken(
  way: FhirWay,
  allowed: Allowed,
  { client, secret }: { readonly client: string; readonly secret: string },
): Promise<Kept> {
  const url = allowedUrl({ address: way.tokenUrl ?? (await discovered(way, allowed)) }, protocols, allowed);
  const key = signingKeyOf(secret);
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope: way.scope ?? 'system/*.*' });
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  };
  if (key) {
    const now = Date.now();
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    form.set('client_assertion', signed(key, { client, tokenUrl: url.href, id: randomUUID(), now }));
  } else {
    const login = `${encodeURIComponent(client)}:${encodeURIComponent(secret)}`;
    headers['authorization'] = `Basic ${Buffer.from(login).toString('base64')}`;
  }
  const body = Buffer.from(form.toString());
  const answer = await callPartner(url, { method: 'POST', headers, body }, way, allowed);
  if (answer.status === 400)
    throw new TransportFault('login', 'the authorization server of the partner refuses the client');
  refuseStatus(answer);
  const said = jsonOf(answer.body);
  const token = textAt(said, 'access_token');
  if (token === undefined || !/^[\x21-\x7e]{1,8000}$/.test(token))
    throw new TransportFault('refused', 'the authorization server of the partner gave no token');
  const lasts = Number(textAt(said, 'expires_in') ?? usuallyLasts_s);
  const lasts_ms = (Number.isFinite(lasts) ? lasts : usuallyLasts_s) * 1000;
  return { token, until: Date.now() + lasts_ms - leftAtLeast_ms };
}

const protocols = ['https:', 'http:'];

function signed(key: SigningKey, what: Parameters<typeof signAssertion>[1]): string {
  try {
    return signAssertion(key, what);
  } catch (error) {
    throw new TransportFault('not-allowed', 'the secret holds no key that can sign', error);
  }
}

/** A private key, as PEM or as `npm run client` writes it with its name; any other text is a client secret. */
function signingKeyOf(secret: string): SigningKey | undefined {
  if (isPrivateKey(secret)) return { pem: secret };
  if (!secret.startsWith('{')) return undefined;
  const read = jsonOf(Buffer.from(secret));
  const [pem, kid] = [textAt(read, 'pem'), textAt(read, 'kid')];
  return pem === undefined ? undefined : { pem, ...(kid === undefined ? {} : { kid }) };
}

/** The token endpoint that the server names. See https://hl7.org/fhir/smart-app-launch/conformance.html */
async function discovered(way: FhirWay, allowed: Allowed): Promise<string> {
  const base = allowedUrl(way, protocols, allowed);
  const url = new URL(`${base.pathname.replace(/\/+$/, '')}/.well-known/smart-configuration`, base);
  const asking = { method: 'GET', headers: { accept: 'application/json' } } as const;
  const answer = await callPartner(url, asking, way, allowed);
  refuseStatus(answer);
  const found = textAt(jsonOf(answer.body), 'token_endpoint');
  if (found === undefined)
    throw new TransportFault('refused', 'the server of the partner names no token endpoint');
  return found;
}
