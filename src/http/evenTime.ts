import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../interaction/rest/answer.ts';
import { FhirError } from '../outcome/fhirError.ts';
import { seesAll } from '../store/access/asServer.ts';
import type { Store } from '../store/store.ts';

/** Answers that could tell what is hidden leave at whole steps after their request came, in milliseconds. */
const step = 20;

/** What a request asks, as far as its time may tell something. */
interface Asked {
  readonly store: Store;
  readonly method: string;
  /** Whether it is a batch or transaction, in which each entry may be about something that is hidden. */
  readonly isBundle: boolean;
}

/**
 * Answers a request. To somebody who does not see everything, that something is not there is told no sooner and no later
 * than that it is not theirs, however long the store looked at it: 404, what a deletion answers, and Bundles wait for
 * the next step. What is found is answered at once.
 */
export async function inEvenTime(
  { store, method, isBundle }: Asked,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (seesAll(store)) return work();
  const begun = performance.now();
  try {
    const answer = await work();
    if (isBundle || method === 'DELETE') await toStep(begun);
    return answer;
  } catch (error) {
    if (isBundle || (error instanceof FhirError && error.status === 404)) await toStep(begun);
    throw error;
  }
}

async function toStep(begun: number): Promise<void> {
  const taken = performance.now() - begun;
  await sleep(Math.ceil(taken / step) * step - taken);
}
