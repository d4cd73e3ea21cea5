import { exportJWK, generateKeyPair, calculateJwkThumbprint, type JWK } from 'jose';
import type { Records } from '../../store/record.ts';
import { sealed, unsealed } from './sealed.ts';
import { storeSecret } from './storeSecret.ts';

const kind = 'signing-key';
/** How long a key that no longer signs is still published: longer than any ID token is valid. */
const retiredFor_ms = 24 * 3_600_000;
const keysMax = 100;

interface Kept {
  readonly created: string;
  readonly retired?: string;
  readonly sealed: string;
}

/** The key pairs that ID tokens are signed with, the one that signs first. The first start that needs one makes it. */
export async function signingKeys(records: Records, now: () => string): Promise<readonly JWK[]> {
  const kept = await keptKeys(records);
  const secret = await storeSecret(records);
  const usable = kept.filter(({ value: { retired } }) => retired === undefined || isRecent(retired, now));
  if (!usable.some(({ value }) => value.retired === undefined)) {
    await makeKey(records, now, secret, 'first');
    return signingKeys(records, now);
  }
  const ordered = [...usable].sort((a, b) => (a.value.created < b.value.created ? 1 : -1));
  const signing = ordered.filter(({ value }) => value.retired === undefined);
  const former = ordered.filter(({ value }) => value.retired !== undefined);
  return [...signing, ...former].map(({ value }) => JSON.parse(unsealed(value.sealed, secret)) as JWK);
}

/**
 * Makes a new key pair that signs from now on; the former ones are published for another day, so that what they signed
 * can be verified. Answers the id of the new one.
 */
export async function rotateKeys(records: Records, now: () => string): Promise<string> {
  const former = await keptKeys(records);
  const kid = await makeKey(records, now, await storeSecret(records));
  for (const { key, value } of former) {
    if (value.retired !== undefined && !isRecent(value.retired, now)) await records.remove(kind, key);
    else if (value.retired === undefined)
      await records.keep({ kind, key, value: JSON.stringify({ ...value, retired: now() }) });
  }
  return kid;
}

const isRecent = (instant: string, now: () => string): boolean =>
  Date.parse(now()) - Date.parse(instant) < retiredFor_ms;

async function keptKeys(records: Records): Promise<{ readonly key: string; readonly value: Kept }[]> {
  const found = await records.list(kind, { count: keysMax });
  return found.map(({ key, value }) => ({ key, value: JSON.parse(value) as Kept }));
}

/** `as`: a name that only one of several servers that start at once takes. */
async function makeKey(records: Records, now: () => string, secret: string, as?: string): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true, modulusLength: 2048 });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  const text = JSON.stringify({ ...jwk, kid, alg: 'RS256', use: 'sig' });
  const value: Kept = { created: now(), sealed: sealed(text, secret) };
  await records.add({ kind, key: as ?? kid, value: JSON.stringify(value) });
  return kid;
}
