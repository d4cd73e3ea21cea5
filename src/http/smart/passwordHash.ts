import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto';

/** Argon2id as RFC 9106 recommends it where memory is scarce: 64 MiB, three passes, four lanes. */
const cost = { parallelism: 4, memory: 65_536, passes: 3, tagLength: 32 } as const;
const nonceBytes = 16;
/** Hashes that are computed at a time: each takes 64 MiB. */
const atOnce = 2;
/** Those that may wait for their turn; who comes later is refused. */
const waitingMax = 50;

/** Too many passwords are being checked already. */
export class PasswordsBusy extends Error {}

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= atOnce) {
    if (waiting.length >= waitingMax) throw new PasswordsBusy('too many passwords are being checked');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** A password as it is kept: how it was hashed, the nonce and the tag. */
export async function hashedPassword(password: string): Promise<string> {
  const nonce = randomBytes(nonceBytes);
  const { memory, passes, parallelism } = cost;
  const tag = await tagOf(password, { ...cost, nonce });
  return [
    'argon2id',
    memory,
    passes,
    parallelism,
    nonce.toString('base64url'),
    tag.toString('base64url'),
  ].join('$');
}

/** Whether a password is the one that was hashed. Takes the same time where there is none: `kept` is undefined then. */
export async function isPassword(kept: string | undefined, password: string): Promise<boolean> {
  const [, memory, passes, parallelism, nonce = '', expected = ''] = (kept ?? (await decoy())).split('$');
  const parameters = {
    nonce: Buffer.from(nonce, 'base64url'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: cost.tagLength,
  };
  const tag = await tagOf(password, parameters);
  const wanted = Buffer.from(expected, 'base64url');
  return tag.length === wanted.length && timingSafeEqual(tag, wanted) && kept !== undefined;
}

let made: Promise<string> | undefined;
/** A hash of a password that nobody knows. */
const decoy = (): Promise<string> => (made ??= hashedPassword(randomBytes(nonceBytes).toString('hex')));

function tagOf(password: string, parameters: Omit<Argon2Parameters, 'message'>): Promise<Buffer> {
  const message = password.normalize('NFKC');
  return inTurn(
    () =>
      new Promise((resolve, reject) => {
        argon2('argon2id', { ...parameters, message }, (error, tag) => {
          if (error) reject(error);
          else resolve(tag);
        });
      }),
  );
}
