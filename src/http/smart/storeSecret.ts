import type { Records } from '../../store/record.ts';
import { newSecret } from './sealed.ts';

const sealKey = { kind: 'seal', key: 'records' };

/** The secret that what must be readable again is sealed with: signing keys, seeds of one-time codes. Made at first need. */
export async function storeSecret(records: Records): Promise<string> {
  const found = await records.find(sealKey.kind, sealKey.key);
  if (found) return JSON.parse(found.value) as string;
  await records.add({ ...sealKey, value: JSON.stringify(newSecret()) });
  return storeSecret(records);
}

/** The grant under which sessions of an account are kept, so that all of them can be ended at once. */
export const sessionsOf = (account: string): string => `account ${account}`;
