import { reversal, type Entry } from '../../datatypes/entry.ts';

/** A payer takes its answer back: every entry of it with its signs turned, so that the claim stands as it was sent. */
export const answerReversed = (
  answered: readonly Entry[],
  { newId, on, cause }: { readonly newId: () => string; readonly on: string; readonly cause: string },
): Entry[] =>
  answered.map((entry) =>
    reversal(entry, {
      id: newId(),
      on,
      cause,
      reason: 'answer-reversed',
      text: 'the payer took its answer back',
    }),
  );
