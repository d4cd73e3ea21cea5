import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

/** How long an assertion holds: the most that the authorization server takes. */
const lasts_s = 290;

/** Makes a key pair for a client: the private one in a file, what is registered of it in another; answers their names. */
export function makeKey(file: string): readonly [string, string] {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomUUID();
  const jwksFile = `${file.replace(/\.json$/, '')}.jwks.json`;
  const kept = { kid, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
  writeFileSync(file, `${JSON.stringify(kept)}\n`, { mode: 0o600, flag: 'wx' });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS384', use: 'sig' };
  writeFileSync(jwksFile, `${JSON.stringify({ keys: [jwk] })}\n`);
  return [file, jwksFile];
}

/** What a client proves with who it is (a JWT for client_assertion), for one token endpoint. */
export function assertion(client: string, file: string, tokenUrl: string): string {
  const { kid, pem } = JSON.parse(readFileSync(file, 'utf8')) as { kid: string; pem: string };
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + lasts_s;
  const claims = { iss: client, sub: client, aud: tokenUrl, jti: randomUUID(), exp };
  const signed = `${part({ alg: 'RS384', kid, typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${sign('sha384', Buffer.from(signed), createPrivateKey(pem)).toString('base64url')}`;
}
