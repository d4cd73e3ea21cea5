import { refused as refusedAnswer } from '../../billing/submission/unanswered.ts';
import type { Transaction } from '../../store/store.ts';
import type { OperationContext } from '../operation.ts';
import { recordRefusal } from '../submission/delivery.ts';
import type { Delivery } from '../submission/handedOver.ts';
import { compose, type Composed, type Sealed } from './compose.ts';
import { composeInquiries } from './composeInquiries.ts';
import { gatherInterchange, keepInterchange } from './keepInterchange.ts';
import { composeAuthorizations } from './composeAuthorizations.ts';
import { waitingIn, type Batch } from './outbox.ts';
import { keepSent } from './sentIndex.ts';
import { idsOf } from './tradingPartner.ts';

export interface WrittenBatch {
  readonly composed: Composed;
  /** Keeps the interchange with what it holds, and refuses the claims that cannot be written; the Binary, or ''. */
  readonly keepAll: (tx: Transaction) => Promise<string>;
}

/** What the sets of a batch are: claims (837), questions after them (276), requests for authorization, questions after those. */
export type BatchKind = 'claims' | 'inquiries' | 'authorizations' | 'authorization-inquiries';

/** Writes the interchange of a closed batch. */
export async function writeBatch(
  context: OperationContext,
  sealed: Sealed & { readonly is: BatchKind; readonly batch: number; readonly count: number },
): Promise<WrittenBatch> {
  const { partner, numbers, date } = sealed;
  const composed = await composedOf(context, sealed);
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

type Closed = Sealed & { readonly is: BatchKind; readonly batch: number; readonly count: number };

async function composedOf(context: OperationContext, sealed: Closed): Promise<Composed> {
  const { partner, is, batch, count } = sealed;
  const of = { endpoint: partner.endpoint, batch };
  const waiting = (lane: Pick<Batch, 'asks' | 'authorizes'>): Promise<readonly Delivery[]> =>
    waitingIn(context, { ...of, ...lane }, count);
  switch (is) {
    case 'claims':
      return compose(context, sealed, await waiting({}));
    case 'inquiries':
      return composeInquiries(context, sealed, await waiting({ asks: true }));
    case 'authorizations':
      return composeAuthorizations(context, { ...sealed, asks: false }, await waiting({ authorizes: true }));
    case 'authorization-inquiries': {
      const asked = await waiting({ authorizes: true, asks: true });
      return composeAuthorizations(context, { ...sealed, asks: true }, asked);
    }
  }
}
