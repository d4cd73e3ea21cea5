import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** What a token, code or cookie is kept under: who reads the store learns none of them. */
export const hashed = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts a text (AES-256-GCM) with a key that is derived from a secret of high entropy. */
export function sealed(text: string, secret: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce);
  const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), content]).toString('base64url');
}

/** Throws where the text was not sealed with this secret, or was changed. */
export function unsealed(text: string, secret: string): string {
  const bytes = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
}

const keyOf = (secret: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', 'claimwright record', 32));

/** A secret of 256 random bits. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

export const clientSecretPrefix = 'sha256:';

/** The secret of a client is random, so its plain hash is enough. */
export const hashedClientSecret = (secret: string): string => `${clientSecretPrefix}${hashed(secret)}`;

/** Whether a secret is the one of which the hash is kept. */
export function isClientSecret(kept: string | undefined, given: string): boolean {
  const [a, b] = [Buffer.from(kept ?? ''), Buffer.from(hashedClientSecret(given))];
  return a.length === b.length && timingSafeEqual(a, b);
}
