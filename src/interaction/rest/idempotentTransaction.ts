import { addSeconds } from '../../datatypes/date.ts';
import { FhirError, fhirError } from '../../outcome/fhirError.ts';
import type { Remembered, Transaction } from '../../store/store.ts';
import { headersOf, refusal, type Answer, type Awaited } from './answer.ts';
import type { Key } from './idempotencyKey.ts';
import type { Context } from '../context.ts';
import { withOutside } from '../outside.ts';

export type { Key };

export interface IdempotencyOptions {
  readonly key?: Key | undefined;
  readonly keep: 'forever' | 'day'; // how long the answer is replayed
  readonly rollBack?: boolean; // a dry run: everything is computed, nothing is kept
  /** Makes the answer of work that continues after its transaction has been committed. */
  readonly finish?: (awaited: Awaited) => Promise<Answer>;
}

const secondsOfDay = 86_400;
/** Stored in place of the status while the answer is still awaited. */
const stillAwaited = 102;

/** Thrown to roll back the transaction of a dry run; carries its answer. */
class DryRunRolledBack extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super('rolled back');
    this.answer = answer;
  }
}

/**
 * Runs `work` in one transaction. With a key, its first answer is kept in that same transaction and replayed to every
 * repeat; a refusal (4xx) has no effects and is kept by a transaction of its own.
 */
export async function idempotentTransaction(
  context: Context,
  options: IdempotencyOptions,
  work: (tx: Transaction) => Promise<Answer>,
): Promise<Answer> {
  let landed: Transaction | undefined;
  const answer = await withOutside(() =>
    inOne(context, options, (tx) => {
      landed = tx;
      return work(tx);
    }),
  );
  await context.defined?.landed(landed);
  if (landed) context.landed?.(landed);
  return answer.awaited ? finished(context, options, answer.awaited) : answer;
}

/** The awaited answer; with a key, the one that was given first. */
async function finished(
  context: Context,
  { finish, ...options }: IdempotencyOptions,
  awaited: Awaited,
): Promise<Answer> {
  if (!finish) throw new Error('nothing answers what is awaited');
  const answer = await finish(awaited);
  const { key, rollBack = false } = options;
  return key && !rollBack ? keepFirst(context, { ...options, key }, answer) : answer;
}

function inOne(
  context: Context,
  options: IdempotencyOptions,
  work: (tx: Transaction) => Promise<Answer>,
): Promise<Answer> {
  const { key, rollBack = false } = options;
  if (!key && !rollBack) return context.store.transaction(work);
  return context.store
    .transaction(async (tx) => {
      const known = key && (await recalled(tx, key));
      if (known) return known;
      const answer = await work(tx);
      if (rollBack) throw new DryRunRolledBack(answer);
      if (key) await keep(context, tx, { ...options, key }, answer);
      return answer;
    })
    .catch((error: unknown) => {
      const answer = answerWithoutEffects(error);
      return key ? keepFirst(context, { ...options, key }, answer) : answer;
    });
}

/** The answer for an error; errors after which the request may be repeated are thrown on. */
function answerWithoutEffects(error: unknown): Answer {
  if (error instanceof DryRunRolledBack) return error.answer;
  if (!(error instanceof FhirError) || error.status >= 500 || error.status === 429) throw error;
  return refusal(error);
}

const keepFirst = (
  context: Context,
  options: IdempotencyOptions & { readonly key: Key },
  answer: Answer,
): Promise<Answer> =>
  context.store.transaction(async (tx) => {
    const known = await recalled(tx, options.key);
    if (known && !known.awaited) return known;
    await keep(context, tx, options, answer);
    return answer;
  });

/** The stored answer; 422 when the key was used with another body. */
export async function recalled(tx: Pick<Transaction, 'recall'>, key: Key): Promise<Answer | undefined> {
  const known = await tx.recall(key.text);
  if (!known) return undefined;
  if (known.bodyHash === key.bodyHash) {
    const { status, headers, body } = known;
    if (status === stillAwaited) return { status, awaited: { awaited: body } };
    return {
      status,
      headers: { ...headers, 'idempotency-replayed': 'true' },
      ...(body === '' ? {} : { body }),
    };
  }
  const text = 'this Idempotency-Key was used before with another body';
  throw fhirError(422, 'business-rule', 'idempotency-key-reused', text);
}

async function keep(
  context: Context,
  tx: Transaction,
  { key, keep: howLong }: IdempotencyOptions & { readonly key: Key },
  answer: Answer,
): Promise<void> {
  const { status, body = '' } = answer.awaited
    ? { status: stillAwaited, body: answer.awaited.awaited }
    : answer;
  const kept: Remembered = {
    bodyHash: key.bodyHash,
    status,
    headers: headersOf(answer),
    body: typeof body === 'string' ? body : new TextDecoder().decode(body),
  };
  const expires = howLong === 'day' ? addSeconds(context.now(), secondsOfDay) : undefined;
  await tx.remember(key.text, kept, expires);
}
