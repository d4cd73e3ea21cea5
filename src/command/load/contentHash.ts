import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal: names content, so that the same content is loaded once. */
export const contentHash = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');
