import type { Endpoint } from '@medplum/fhirtypes';
import { resolve } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import type { OperationContext } from '../operation.ts';
import { raisePartnerTask } from './partnerTask.ts';
import { enqueueOutgoing, fixed } from './interchangeJob.ts';
import { takeNumbers } from './numbers.ts';
import { batchKind, close, type Batch } from './outbox.ts';
import { idsOf, partnerOf } from './tradingPartner.ts';
import type { BatchKind } from './writeBatch.ts';

const kindOf = ({ asks, authorizes }: Batch): BatchKind => {
  if (authorizes === true) return asks === true ? 'authorization-inquiries' : 'authorizations';
  return asks === true ? 'inquiries' : 'claims';
};

const formsMax = 3; // professional, institutional, dental: a group each

/**
 * Closes the batch of a partner when its time has come or it is full, and gives it its control numbers: what is sent from
 * now on under these numbers is these claims.
 */
export const batchClosing = (context: OperationContext): Handler => ({
  kind: batchKind,
  run: async (lease) => {
    const of = JSON.parse(lease.job.payload) as Batch;
    await context.store.transaction(async (tx) => {
      const endpoint = await resolve<Endpoint>(tx, 'Endpoint', { reference: of.endpoint });
      if (!endpoint) throw new Error(`${of.endpoint} is not there`);
      const count = await close(tx, of);
      if (count > 0) {
        const partner = partnerOf(endpoint);
        const numbers = await takeNumbers(tx, idsOf(partner), {
          groups: of.asks === true || of.authorizes === true ? 1 : formsMax,
          sets: count,
          first: partner.firstNumber,
        });
        await enqueueOutgoing(tx, {
          is: kindOf(of),
          ...fixed(context, partner, numbers),
          batch: of.batch,
          count,
        });
      }
      await tx.jobs.change(lease, { state: 'done' });
    });
    return undefined;
  },
  giveUp: (tx, lease) => {
    const { endpoint, batch } = JSON.parse(lease.job.payload) as Batch;
    return raisePartnerTask(context, tx, {
      code: 'transmission',
      endpoint,
      detail: `batch ${batch}`,
      text: 'claims wait for a trading partner whose batch cannot be closed: mend its Endpoint, and $send',
    });
  },
});
