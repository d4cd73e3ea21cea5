import { createPrivateKey, sign, type KeyObject } from 'node:crypto';

/** How long an assertion holds: the most that authorization servers take is five minutes. */
const lasts_s = 290;

/** A private key and the name under which its public part is registered. */
export interface SigningKey {
  readonly pem: string;
  readonly kid?: string;
}

interface Asserted {
  readonly client: string;
  readonly tokenUrl: string;
  readonly id: string; // jti, another each time
  readonly now: number; // epoch milliseconds
}

/**
 * What a client proves with who it is (a JWT for client_assertion), for one token endpoint.
 * See https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html
 */
export function signAssertion({ pem, kid }: SigningKey, { client, tokenUrl, id, now }: Asserted): string {
  const key = createPrivateKey(pem);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = { alg: algorithmOf(key), ...(kid === undefined ? {} : { kid }), typ: 'JWT' };
  const exp = Math.floor(now / 1000) + lasts_s;
  const signed = `${part(head)}.${part({ iss: client, sub: client, aud: tokenUrl, jti: id, exp })}`;
  const signature = sign('sha384', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

const algorithmOf = ({ asymmetricKeyType }: KeyObject): string =>
  asymmetricKeyType === 'ec' ? 'ES384' : 'RS384';
