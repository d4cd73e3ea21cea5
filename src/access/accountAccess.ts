import type { Basic, ResourceType } from '@medplum/fhirtypes';
import { dateOf } from '../datatypes/date.ts';
import { parseJson } from '../datatypes/json.ts';
import type { Store } from '../store/store.ts';
import type { Caller, Grant } from './caller.ts';
import { permitted, type Permitted } from './permitted.ts';
import { resolveCaller, type Account } from './resolveCaller.ts';
import { idOfRole, readRole, shippedRoles, type Role } from './role.ts';

/** What an account may under a grant, and who it is. */
export interface AccountPermitted extends Permitted {
  readonly caller: Caller;
  readonly roles: readonly Role[];
}

/** What permissions are made of: when one of these is written, they are made anew. */
const madeOf: readonly ResourceType[] = ['Basic', 'RelatedPerson', 'Person', 'Consent', 'PractitionerRole'];
/** How long it may take until such a write counts, in milliseconds. */
const checkedEvery = 1000;
const keptMax = 10_000;

/**
 * What accounts may, by what is stored: roles (shipped ones, or what an administrator stored in their place), whom a
 * RelatedPerson acts for, what a Consent allows. Remembered, and made anew within a second after one of these changes.
 */
export class AccountAccess {
  readonly #store: Store;
  readonly #now: () => string;
  readonly #kept = new Map<string, Promise<AccountPermitted>>();
  #checkedAt = -Infinity;
  #state = '';
  #checking: Promise<void> | undefined;

  /** `store` sees everything. */
  constructor({ store, now }: { readonly store: Store; readonly now: () => string }) {
    this.#store = store;
    this.#now = now;
  }

  /** What an account may see and do under what a token grants. The same answer, as an object, as long as it holds. */
  async of(account: Account, grant: Grant = {}): Promise<AccountPermitted> {
    if (performance.now() - this.#checkedAt > checkedEvery) {
      this.#checking ??= this.#check().finally(() => (this.#checking = undefined));
      await this.#checking;
    }
    const key = JSON.stringify([account, grant]);
    const known = this.#kept.get(key);
    if (known) return known;
    if (this.#kept.size >= keptMax) this.#kept.clear();
    const made = this.#make(account, grant);
    this.#kept.set(key, made);
    made.catch(() => this.#kept.delete(key));
    return made;
  }

  /** Forgets what is remembered: the next answer is of what is stored now. */
  forget(): void {
    this.#kept.clear();
    this.#checkedAt = -Infinity;
  }

  async #check(): Promise<void> {
    const at = performance.now();
    const generations = await Promise.all(madeOf.map((type) => this.#store.generation(type)));
    const state = JSON.stringify([generations, this.#store.registry.revision, dateOf(this.#now())]);
    if (state !== this.#state) this.#kept.clear();
    this.#state = state;
    this.#checkedAt = at;
  }

  async #make(account: Account, grant: Grant): Promise<AccountPermitted> {
    const roles: Role[] = [];
    for (const name of account.roles) {
      const role = await this.#role(name);
      if (role) roles.push(role);
    }
    const caller = await resolveCaller(this.#store, account, dateOf(this.#now()));
    return { ...permitted(roles, caller, grant, this.#store.registry), caller, roles };
  }

  /** A role as it is stored, else as it is shipped. What is stored and faulty gives nothing. */
  async #role(name: string): Promise<Role | undefined> {
    const stored = /^[a-z][a-z0-9-]{0,40}$/.test(name)
      ? await this.#store.read('Basic', idOfRole(name))
      : undefined;
    if (!stored || stored.deleted) return shippedRoles.get(name);
    const { role, faults } = readRole(
      parseJson(new TextDecoder().decode(stored.json)) as Basic,
      this.#store.registry,
    );
    return faults.length === 0 ? role : undefined;
  }
}
