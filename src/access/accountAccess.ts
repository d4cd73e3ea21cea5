import type { Basic, ResourceType } from '@medplum/fhirtypes';
import { dateOf } from '../datatypes/date.ts';
import { parseJson } from '../datatypes/json.ts';
import type { Store } from '../store/store.ts';
import type { Caller, Grant } from './caller.ts';
import { openedCharts, openedRevision } from './opened.ts';
import { permitted, type Permitted } from './permitted.ts';
import { resolveCaller, type Account } from './resolveCaller.ts';
import { idOfRole, readRole, shippedRoles, type Role } from './role.ts';

/** What an account may under a grant, and who it is. */
export interface AccountPermitted extends Permitted {
  readonly caller: Caller;
  readonly roles: readonly Role[];
  /**
   * Whether what they see may change though nothing that permissions are made of is written: who may break the glass
   * opens charts, and a patient whom somebody acts for comes of age. It is looked at again and again.
   */
  readonly looksAgain: boolean;
}

interface Kept {
  readonly made: Promise<AccountPermitted>;
  readonly at: number;
  readonly revision: number; // of what was opened
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
  readonly #kept = new Map<string, Kept>();
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
    if (known) {
      const is = await known.made;
      const isOld = performance.now() - known.at > checkedEvery || known.revision !== openedRevision();
      if (!is.looksAgain || !isOld) return is;
    }
    if (this.#kept.size >= keptMax) this.#kept.clear();
    const made = this.#make(account, grant, known);
    this.#kept.set(key, { made, at: performance.now(), revision: openedRevision() });
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

  async #make(account: Account, grant: Grant, former: Kept | undefined): Promise<AccountPermitted> {
    const roles: Role[] = [];
    for (const name of account.roles) {
      const role = await this.#role(name);
      if (role) roles.push(role);
    }
    const now = this.#now();
    const opensCharts = roles.some(({ permissions }) => permissions.has('break-glass'));
    const charts = opensCharts ? await openedCharts(this.#store, account.name, now) : [];
    const opened = charts.map(({ patient }) => patient);
    const before = await former?.made;
    const caller = { ...(await resolveCaller(this.#store, account, dateOf(now))), opened };
    if (before && JSON.stringify(before.caller) === JSON.stringify(caller)) return before;
    const looksAgain = opensCharts || caller.patients.some(({ proxy }) => proxy);
    return { ...permitted(roles, caller, grant, this.#store.registry), caller, roles, looksAgain };
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
