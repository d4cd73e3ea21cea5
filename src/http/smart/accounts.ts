import { randomUUID } from 'node:crypto';
import type { Records } from '../../store/record.ts';
import { allRecords } from './allRecords.ts';
import { grantedApps, takeBack, type GrantedApp } from './grants.ts';
import { hashedPassword, isPassword, PasswordsBusy } from './passwordHash.ts';
import { newSeed, seedUri, stepOfCode } from './oneTimeCode.ts';
import { tellRevocation } from './revocation.ts';
import { sealed, unsealed } from './sealed.ts';
import { sessionsOf, storeSecret } from './storeSecret.ts';

/** Who may sign in. */
export interface Account {
  readonly id: string; // `sub` of ID tokens
  readonly name: string; // what they sign in with, in lower case
  readonly roles: readonly string[];
  /** Who they are in FHIR: fhirUser first, as Practitioner/1. */
  readonly users: readonly string[];
  /** Practices they work for; without them those of their PractitionerRoles. */
  readonly practices?: readonly string[];
  readonly password?: string; // hashed; without it only one-time links sign in
  readonly seed?: string; // of one-time codes, sealed
  readonly lastStep?: number; // of the one-time code that was used last
  readonly isLocked?: boolean;
  /** Made for the demo: one-time links may be printed for it, on a loopback address without authorization only. */
  readonly isDemo?: boolean;
}

const kind = 'account';
const nameKind = 'account-name';
const triesKind = 'password-tries';
const codeTriesKind = 'code-tries';

/** Wrong passwords after which an account waits, and how long. */
const triesMax = 10;
const waits_ms = 15 * 60_000;
const passwordLengthMin = 12;
const passwordLengthMax = 200;

export type SignedIn =
  | { readonly is: 'account'; readonly account: Account }
  | { readonly is: 'wrong' } // name, password or both; or locked
  | { readonly is: 'waiting' }; // too many wrong ones

/** Why an account cannot be made or changed; told to an administrator. */
export class AccountError extends Error {}

interface Options {
  readonly records: Records;
  readonly now: () => string;
  /** Tells every server that something was taken back; a server that does it itself acts on it at once. */
  readonly tell?: () => Promise<void>;
}

/** Accounts of people, and how they sign in. */
export class Accounts {
  readonly #records: Records;
  readonly #now: () => string;

  readonly #tell: () => Promise<void>;

  constructor({ records, now, tell = () => tellRevocation(records) }: Options) {
    this.#records = records;
    this.#now = now;
    this.#tell = tell;
  }

  async byId(id: string): Promise<Account | undefined> {
    const found = await this.#records.find(kind, id);
    return found && (JSON.parse(found.value) as Account);
  }

  async byName(name: string): Promise<Account | undefined> {
    const found = await this.#records.find(nameKind, plainName(name));
    return found && this.byId(JSON.parse(found.value) as string);
  }

  async list(): Promise<readonly Account[]> {
    const named = new Set(
      (await allRecords(this.#records, nameKind)).map(({ value }) => JSON.parse(value) as string),
    );
    const accounts = (await allRecords(this.#records, kind)).map(({ value }) => JSON.parse(value) as Account);
    return accounts.filter(({ id }) => named.has(id));
  }

  /** Keeps the account, then its name: one that a crash left without a name is none, and its name stays free. */
  async add(made: Omit<Account, 'id' | 'name'> & { readonly name: string }): Promise<Account> {
    const account: Account = { ...made, id: randomUUID(), name: plainName(made.name) };
    if (!/^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,99}$/u.test(account.name))
      throw new AccountError('a name has up to 100 letters, digits and . _ @ + -');
    await this.#records.keep({ kind, key: account.id, value: JSON.stringify(account) });
    const name = { kind: nameKind, key: account.name, value: JSON.stringify(account.id) };
    if (await this.#records.add(name)) return account;
    await this.#records.remove(kind, account.id);
    throw new AccountError(`there is an account ${account.name} already`);
  }

  /** Changes an account; what servers remember of it is dropped. Tries again where another changed it meanwhile. */
  async change(id: string, change: (account: Account) => Account): Promise<Account> {
    for (;;) {
      const found = await this.#records.find(kind, id);
      if (!found) throw new AccountError('there is no such account');
      const account = change(JSON.parse(found.value) as Account);
      if (await this.#records.replace({ kind, key: id, value: JSON.stringify(account) }, found.value)) {
        await this.#tell();
        return account;
      }
    }
  }

  /** Nobody signs in with it any more; its sessions end, and what its apps were given, for good. */
  async lock(id: string): Promise<void> {
    await this.change(id, (account) => ({ ...account, isLocked: true }));
    await this.#records.removeGrant(sessionsOf(id));
    await this.#takeBack(await grantedApps(this.#records, id));
  }

  async unlock(id: string): Promise<void> {
    const { name } = await this.change(id, ({ isLocked: _locked, ...account }) => account);
    await this.#records.remove(triesKind, name);
  }

  /** Ends every session, and what apps were allowed only as long as one lasts. */
  async endSessions(id: string): Promise<void> {
    await this.#records.removeGrant(sessionsOf(id));
    const apps = await grantedApps(this.#records, id);
    await this.#takeBack(apps.filter(({ session }) => session !== undefined));
  }

  #takeBack(apps: readonly GrantedApp[]): Promise<void> {
    return takeBack(
      this.#records,
      apps.map(({ grant }) => grant),
      () => this.#tell(),
    );
  }

  /** Sets a password; sessions that were begun with the former one end. */
  async setPassword(id: string, password: string): Promise<void> {
    refuseWeak(password);
    await this.setPasswordHash(id, await hashedPassword(password));
  }

  /** The same with the password as hashedPassword() makes it. */
  async setPasswordHash(id: string, hash: string): Promise<void> {
    const { name } = await this.change(id, (account) => ({ ...account, password: hash }));
    await this.#records.remove(triesKind, name);
    await this.endSessions(id);
  }

  /** Asks for one-time codes from now on; answers what an authenticator app reads. */
  async requireCodes(id: string): Promise<string> {
    const seed = newSeed();
    return seedUri(seed, (await this.useSeed(id, seed)).name);
  }

  /** Asks for codes of this seed from now on; the code of a step that was shown already is not taken again. */
  async useSeed(id: string, seed: Buffer, step = 0): Promise<Account> {
    const kept = sealed(seed.toString('base64url'), await storeSecret(this.#records));
    const account = await this.change(id, (former) => ({ ...former, seed: kept, lastStep: step }));
    await this.#records.remove(codeTriesKind, id);
    return account;
  }

  /** Asks for a password alone from now on. */
  async dropCodes(id: string): Promise<void> {
    await this.change(id, ({ seed: _seed, lastStep: _step, ...account }) => account);
    await this.#records.remove(codeTriesKind, id);
  }

  /**
   * Checks a name and a password. A name that there is not is answered as a wrong password is, after the same work; a
   * try counts before it is checked, so that many at once are no way around.
   */
  async signIn(name: string, password: string): Promise<SignedIn> {
    const key = plainName(name).slice(0, 200);
    if (!(await this.#mayTry(key))) return { is: 'waiting' };
    const account = await this.byName(key);
    const isRight = await isPassword(account?.password, password.slice(0, passwordLengthMax)).catch(
      async (error: unknown) => {
        if (error instanceof PasswordsBusy) await this.#giveBack(key);
        throw error;
      },
    );
    if (!account || !isRight || account.isLocked === true) return { is: 'wrong' };
    await this.#records.remove(triesKind, key);
    return { is: 'account', account };
  }

  /** Takes a one-time code; each is taken once. */
  async takeCode(account: Account, code: string): Promise<boolean> {
    const { id, seed } = account;
    if (seed === undefined || !(await this.#mayTry(id, codeTriesKind))) return false;
    const plain = unsealed(seed, await storeSecret(this.#records));
    const step = stepOfCode(Buffer.from(plain, 'base64url'), code, Date.parse(this.#now()));
    if (step === undefined) return false;
    const found = await this.#records.find(kind, id);
    const current = found && (JSON.parse(found.value) as Account);
    if (!current || (current.lastStep ?? 0) >= step) return false;
    const value = JSON.stringify({ ...current, lastStep: step });
    if (!(await this.#records.replace({ kind, key: id, value }, found.value))) return false;
    await this.#records.remove(codeTriesKind, id);
    return true;
  }

  /** A try that was not judged does not count. */
  async #giveBack(key: string): Promise<void> {
    for (;;) {
      const found = await this.#records.find(triesKind, key);
      if (!found) return;
      const tries = Number(found.value) - 1;
      if (tries <= 0) {
        await this.#records.remove(triesKind, key);
        return;
      }
      if (await this.#records.replace({ ...found, value: String(tries) }, found.value)) return;
    }
  }

  async #mayTry(key: string, kind = triesKind): Promise<boolean> {
    const expires = Date.parse(this.#now()) + waits_ms;
    for (;;) {
      if (await this.#records.add({ kind, key, value: '1', expires })) return true;
      const found = await this.#records.find(kind, key);
      if (!found) continue;
      const tries = Number(found.value);
      if (tries >= triesMax) return false;
      if (await this.#records.replace({ ...found, value: String(tries + 1), expires }, found.value))
        return true;
    }
  }
}

const plainName = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** A password is long rather than of many kinds of signs. See NIST SP 800-63B. */
export function refuseWeak(password: string): void {
  const { length } = password;
  if (length < passwordLengthMin)
    throw new AccountError(`a password has at least ${passwordLengthMin} characters`);
  if (length > passwordLengthMax)
    throw new AccountError(`a password has at most ${passwordLengthMax} characters`);
  if (new Set(password).size < 5) throw new AccountError('a password has at least five different characters');
}
