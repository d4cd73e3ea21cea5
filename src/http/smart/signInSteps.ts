import type { Account } from './accounts.ts';
import { PasswordsBusy } from './passwordHash.ts';
import type { Page } from './page/html.ts';
import { codePage, signInPage } from './page/signIn.ts';
import type { Language } from './page/text.ts';
import { hashed, newSecret } from './sealed.ts';
import type { SmartServer } from './smartServer.ts';

const pendingKind = 'pending-sign-in';
const pendingLasts_ms = 5 * 60_000;

interface Shown {
  readonly address?: string | undefined; // of who signs in
  readonly action: string;
  readonly proof: string;
  readonly app?: string | undefined;
  readonly leadsTo?: string | undefined;
}

/** What comes of a form of a sign-in: the next page, or who signed in and by what means. */
export type Next = { readonly page: Page } | { readonly account: Account; readonly amr: readonly string[] };

/** A sign-in by password and, where the account asks for it, a one-time code. */
export class SignInSteps {
  readonly #server: SmartServer;
  readonly #language: Language;
  readonly #shown: Shown;
  readonly #address: string | undefined;

  constructor(server: SmartServer, language: Language, { address, action, proof, app, leadsTo }: Shown) {
    this.#address = address;
    this.#server = server;
    this.#language = language;
    this.#shown = { action, proof, app, leadsTo };
  }

  async take(form: URLSearchParams | undefined): Promise<Next> {
    if (!form) return { page: this.#signIn() };
    if (form.get('do') === 'code') return this.#code(form.get('pending') ?? '', form.get('code') ?? '');
    return this.#password(form.get('name') ?? '', form.get('password') ?? '');
  }

  async #password(name: string, password: string): Promise<Next> {
    const { texts } = this.#language;
    try {
      const found = await this.#server.accounts.signIn(name, password);
      if (found.is !== 'account') {
        const e = found.is === 'wrong' ? 'sign-in' : 'account-waiting';
        await this.#tell(e, await this.#server.accounts.byName(name), '4');
        return { page: this.#signIn(found.is === 'wrong' ? texts.wrongSignIn : texts.waiting) };
      }
      if (found.account.seed === undefined) return await this.#signedIn(found.account, ['pwd']);
      return { page: this.#askCode(await this.#keepPending(found.account.id)) };
    } catch (error) {
      if (error instanceof PasswordsBusy) return { page: { ...this.#signIn(texts.busy), status: 503 } };
      throw error;
    }
  }

  async #code(pending: string, code: string): Promise<Next> {
    const { accounts, records } = this.#server;
    const found = await records.find(pendingKind, hashed(pending));
    const account = found && (await accounts.byId(JSON.parse(found.value) as string));
    if (!account || account.isLocked === true)
      return { page: this.#signIn(this.#language.texts.wrongSignIn) };
    if (!(await accounts.takeCode(account, code.trim()))) {
      await this.#tell('sign-in', account, '4');
      return { page: this.#askCode(pending, this.#language.texts.wrongCode) };
    }
    await records.remove(pendingKind, hashed(pending));
    return this.#signedIn(account, ['pwd', 'otp']);
  }

  async #signedIn(account: Account, amr: readonly string[]): Promise<Next> {
    await this.#tell('sign-in', account, '0');
    return { account, amr };
  }

  /** What was typed as a name is not recorded: it may be a password. */
  #tell(e: 'sign-in' | 'account-waiting', account: Account | undefined, s: '0' | '4'): Promise<void> {
    return this.#server.tell({ e, s, a: this.#address, u: account?.id, f: account?.users[0] });
  }

  /** Whose password was right, under a value that only the page knows. */
  async #keepPending(account: string): Promise<string> {
    const value = newSecret();
    const expires = Date.parse(this.#server.now()) + pendingLasts_ms;
    const record = { kind: pendingKind, key: hashed(value), value: JSON.stringify(account), expires };
    await this.#server.records.keep(record);
    return value;
  }

  #signIn(wrong?: string): Page {
    return signInPage({ language: this.#language, ...this.#shown, wrong });
  }
  #askCode(pending: string, wrong?: string): Page {
    return codePage({ language: this.#language, ...this.#shown, wrong }, pending);
  }
}
