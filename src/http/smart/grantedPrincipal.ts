import { AccountAccess } from '../../access/accountAccess.ts';
import type { Principal } from '../../interaction/asCaller.ts';
import type { Store } from '../../store/store.ts';
import { Accounts } from './accounts.ts';
import { accountFor, principalFor, type Granted } from './tokens.ts';

/**
 * Who somebody is today by what their token granted, for work that goes on after the request: an account that was locked
 * and an app that was removed may nothing, and roles count as they are now. `store` sees everything.
 */
export function grantedPrincipal(parts: {
  readonly store: Store;
  readonly now: () => string;
}): (grant: string) => Promise<Principal | undefined> {
  const { records } = parts.store;
  const accounts = new Accounts({ records, now: parts.now });
  const access = new AccountAccess(parts);
  return async (text) => {
    const given = JSON.parse(text) as Granted; // made by principalFor
    const client = await records.find('Client', given.client);
    if (!client) return undefined;
    const { roles, practices } = JSON.parse(client.value) as Partial<Record<'roles' | 'practices', string[]>>;
    const granted: Granted = { ...given, clientRoles: roles ?? [], clientPractices: practices };
    const account = await accountFor(accounts, granted);
    if (!account) return undefined;
    const { scope, patient } = granted;
    const permits = await access.of(account, patient === undefined ? { scope } : { scope, patient });
    return principalFor(granted, account, permits);
  };
}
