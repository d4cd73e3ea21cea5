import type { Reader, Transaction } from '../../store/store.ts';

/** What the exchange with trading partners keeps beside resources, as JSON under a key, in the transaction of the work. */
export async function kept<T>(reader: Reader, key: string): Promise<T | undefined> {
  const found = await reader.recall(key);
  return found && (JSON.parse(found.body) as T);
}

export const keep = (tx: Transaction, key: string, value: unknown): Promise<void> =>
  tx.remember(key, { bodyHash: '', status: 200, headers: {}, body: JSON.stringify(value) });
