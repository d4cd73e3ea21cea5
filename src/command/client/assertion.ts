import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { signAssertion, type SigningKey } from '../../transport/assertion.ts';

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
export const assertion = (client: string, file: string, tokenUrl: string): string =>
  signAssertion(JSON.parse(readFileSync(file, 'utf8')) as SigningKey, {
    ...{ client, tokenUrl, id: randomUUID(), now: Date.now() },
  });
