import type { Records } from '../../store/record.ts';
import { allRecords } from './allRecords.ts';

/** What a person allowed an app, as the page of their apps lists it. */
export interface GrantedApp {
  readonly grant: string;
  readonly client: string;
  readonly since: string; // an instant
  readonly patient?: string;
  readonly session?: string; // with which it ends
}

const kind = 'granted-app';

const keyOf = (account: string, grant: string): string => `${account} ${grant}`;

export async function keepGranted(
  records: Records,
  account: string,
  app: GrantedApp,
  expires: number,
): Promise<void> {
  const { grant } = app;
  await records.keep({ kind, key: keyOf(account, grant), value: JSON.stringify(app), grant, expires });
}

export async function grantedApps(records: Records, account: string): Promise<readonly GrantedApp[]> {
  const found = await allRecords(records, kind, `${account} `);
  return found.map(({ value }) => JSON.parse(value) as GrantedApp);
}

/**
 * Takes grants back, with every token that was given under them; `tell` says so to every server, also where nothing was
 * left: a repeat mends what a crash kept from being told. The grant goes first: a token that is made meanwhile has none.
 */
export async function takeBack(
  records: Records,
  grants: readonly string[],
  tell: () => Promise<void>,
): Promise<void> {
  for (const grant of grants) {
    await records.remove('Grant', grant);
    await records.removeGrant(grant);
  }
  await tell();
}
