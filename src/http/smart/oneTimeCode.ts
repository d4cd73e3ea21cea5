import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Time-based one-time codes: six digits, SHA-1, a new one every 30 seconds. See RFC 6238. */
const step_s = 30;
const digits = 6;
const seedBytes = 20;
/** Codes of the step before and after are taken too: clocks differ. */
const tolerance = [0, -1, 1];

export const newSeed = (): Buffer => randomBytes(seedBytes);

/** The step of a code, if it is one of this seed now; a step is used once. */
export function stepOfCode(seed: Buffer, code: string, now_ms: number): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined;
  const current = Math.floor(now_ms / 1000 / step_s);
  return tolerance.map((by) => current + by).find((step) => isEqual(codeAt(seed, step), code));
}

const isEqual = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The code of a step. */
export function codeAt(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', seed).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The seed as authenticator apps take it. */
export function seedText(seed: Buffer): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const byte of seed) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet[parseInt(five.padEnd(5, '0'), 2)] ?? '')
    .join('');
}

/** What an authenticator app reads from a link or a QR code. */
export const seedUri = (seed: Buffer, account: string): string =>
  `otpauth://totp/${encodeURIComponent(`Claimwright:${account}`)}?secret=${seedText(seed)}&issuer=Claimwright`;
