import { argon2Sync, randomBytes } from 'node:crypto';
import { Accounts } from '../../src/http/smart/accounts.ts';

/**
 * Accounts whose passwords are hashed with the least work there is (one pass over 8 KiB): each of the server's own
 * hashes, and each sign-in with one, takes half a second of processor. A kept hash says how it was made, so the server
 * checks these by the way it checks its own.
 */
export class QuickAccounts extends Accounts {
  override setPassword(id: string, password: string): Promise<void> {
    const nonce = randomBytes(16);
    const work = { memory: 8, passes: 1, parallelism: 1, tagLength: 32 };
    const tag = argon2Sync('argon2id', { ...work, message: password.normalize('NFKC'), nonce });
    const hash = ['argon2id', 8, 1, 1, nonce.toString('base64url'), tag.toString('base64url')].join('$');
    return this.setPasswordHash(id, hash);
  }
}
