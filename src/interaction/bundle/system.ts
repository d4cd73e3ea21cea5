import type { Answer } from '../rest/answer.ts';
import { batch } from './batch.ts';
import type { Context } from '../context.ts';
import { actionBundle, type BundlePreference } from './entry.ts';
import { idempotentTransaction, recalled, type Key } from '../rest/idempotentTransaction.ts';
import { judgeAhead } from './judgeAhead.ts';
import { transaction } from './transaction.ts';

/** POST [base]: a batch or a transaction, under an Idempotency-Key where one is given. */
export async function system(
  context: Context,
  body: unknown,
  options: Partial<BundlePreference> & { readonly key?: Key | undefined } = {},
): Promise<Answer> {
  const { key, lenient = false } = options;
  const prefer = { prefer: options.prefer ?? 'minimal', lenient } as const;
  const bundle = actionBundle(context, body);
  if (bundle.type === 'transaction') {
    const ahead = await judgeAhead(context, bundle);
    return idempotentTransaction(context, { key, keep: 'forever' }, (tx) =>
      transaction(context, tx, bundle, { prefer, ahead }),
    );
  }
  const known = key && (await recalled(context.store, key));
  if (known) return known;
  const answer = await batch(context, bundle, prefer, key);
  return key
    ? idempotentTransaction(context, { key, keep: 'forever' }, () => Promise.resolve(answer))
    : answer;
}
