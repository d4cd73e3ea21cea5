import { refused as refusedAnswer } from '../../billing/submission/unanswered.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { recordRefusal } from '../submission/delivery.ts';
import { compose, type Composed, type Sealed } from './compose.ts';
import { composeInquiries } from './composeInquiries.ts';
import { gatherInterchange, keepInterchange } from './keepInterchange.ts';
import { waitingIn } from './outbox.ts';
import { keepSent } from './sentIndex.ts';
import { idsOf } from './tradingPartner.ts';

export interface WrittenBatch {
  readonly composed: Composed;
  /** Keeps the interchange with what it holds, and refuses the claims that cannot be written; the Binary, or ''. */
  readonly keepAll: (tx: Transaction) => Promise<string>;
}

/** Writes the interchange of a closed batch. */
export async function writeBatch(
  context: OperationContext,
  sealed: Sealed & { readonly is: 'claims' | 'inquiries'; readonly batch: number; readonly count: number },
): Promise<WrittenBatch> {
  const { partner, numbers, date, is, batch, count } = sealed;
  const of = { endpoint: partner.endpoint, batch };
  const composed =
    is === 'claims'
      ? await compose(context, sealed, await waitingIn(context, of, count))
      : await composeInquiries(context, sealed, await waitingIn(context, { ...of, asks: true }, count));
  const gathered = await gatherInterchange(context, Buffer.from(composed.text, 'latin1'));
  return {
    composed,
    keepAll: async (tx) => {
      for (const { delivery, reason } of composed.refused)
        await recordRefusal(context, tx, delivery, (claim) => refusedAnswer(claim, delivery.on, reason));
      if (composed.text === '') return '';
      const binary = await keepInterchange(context, tx, gathered);
      await keepSent(tx, {
        ...{ endpoint: partner.endpoint, ids: idsOf(partner), number: numbers.interchange, binary },
        on: `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`,
        sets: composed.sets,
        acknowledged: {},
      });
      return binary;
    },
  };
}
