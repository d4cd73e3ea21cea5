import { shippedGateways } from './gateways.ts';
import { asServer } from './store/access/asServer.ts';
import { Queue, type Handler } from './job/queue.ts';
import type { OperationContext } from './operation/operation.ts';
import { isTroubleError } from './outcome/trouble.ts';
import { auditSweep, startAuditSweep } from './operation/audit/auditSweep.ts';
import { grantedPrincipal } from './http/smart/grantedPrincipal.ts';
import { eligibilityAsking } from './operation/eligibility/askingJob.ts';
import { questionBatch } from './operation/eligibility/questionBox.ts';
import { bulkExport } from './operation/export/exportJob.ts';
import { exportRemoval } from './operation/export/removal.ts';
import { authorizationInquiry } from './operation/authorization/inquiryJob.ts';
import { authorizationUse } from './operation/authorization/useAuthorization.ts';
import { nightly, startNights } from './operation/nightly/nightJob.ts';
import { nightlyWorks } from './operation/nightly/works.ts';
import { batchClosing } from './operation/partner/batchJob.ts';
import { interchangeSending } from './operation/partner/interchangeJob.ts';
import { partnerPoll } from './operation/partner/pollJob.ts';
import { partnerWatch } from './operation/partner/watchJob.ts';
import { remittancePosting } from './operation/remittance/postingJob.ts';
import { automation } from './operation/automation/automationJob.ts';
import { enrolmentFreed } from './operation/enrolment/freedJob.ts';
import { billPrinting } from './operation/statement/printJob.ts';
import { chartSweep, startSweep } from './operation/sweep/chartSweep.ts';
import { handingOn } from './operation/x12/handOn.ts';
import { receiveFile } from './operation/x12/receive.ts';
import { claimDelivery } from './operation/submission/delivery.ts';
import { claimFollowUp } from './operation/submission/followUp.ts';

/** A context whose background work is taken up, and the queue that does it once it is started. */
export interface Background {
  readonly context: OperationContext;
  readonly queue: Queue;
}

/** Every kind of background work of this server. Add yours here. */
const handlersOf = (context: OperationContext): readonly Handler[] => [
  claimDelivery(context),
  claimFollowUp(context),
  authorizationInquiry(context),
  authorizationUse(context),
  eligibilityAsking(context),
  questionBatch(context),
  remittancePosting(context),
  chartSweep(context),
  auditSweep(context),
  bulkExport(context),
  exportRemoval(context),
  handingOn(context),
  batchClosing(context),
  interchangeSending(context),
  partnerWatch(context),
  partnerPoll(context),
  billPrinting(context),
  automation(context),
  enrolmentFreed(context),
  nightly(context, nightlyWorks),
];

/** Gives a context its gateways and its queue; `failed` is told of what nobody foresaw. */
export function withBackground(given: OperationContext, failed: (error: unknown) => void): Background {
  const context: OperationContext = {
    ...given,
    gateways: given.gateways ?? shippedGateways,
    failed,
    principalOfGrant:
      given.principalOfGrant ?? grantedPrincipal({ store: asServer(given.store), now: given.now }),
    processX12:
      given.processX12 ??
      (async (bytes, endpoint) => {
        await receiveFile({ ...context, store: asServer(context.store) }, bytes, endpoint);
      }),
    background: (work) => {
      queue.track(work);
    },
    landed: (tx) => {
      given.landed?.(tx);
      if (asServer(tx).jobs.hasEnqueued) queue.wake();
    },
  };
  const engine = {
    store: given.store,
    now: () => Date.parse(given.now()),
    random: Math.random,
    failed,
  };
  const queue = new Queue(engine, handlersOf(context));
  return { context, queue };
}

/** The pause before the sweeps are begun again, where the store has no room for their jobs; milliseconds. */
const beginAgainAfter = 2000;

/**
 * Makes the jobs that never end. A store that is full or gone for now is served for reading meanwhile, and the jobs
 * are made once it takes writes again.
 */
export async function beginSweeps({ store, now, timeZone, failed }: Sweeping): Promise<void> {
  try {
    await startSweep(store, now());
    await startAuditSweep(store, now());
    await startNights({ store, now, timeZone }, nightlyWorks);
  } catch (error) {
    if (!isTroubleError(error)) throw error;
    setTimeout(() => {
      beginSweeps({ store, now, timeZone, failed }).catch(failed);
    }, beginAgainAfter).unref();
  }
}

interface Sweeping {
  readonly store: OperationContext['store'];
  readonly now: () => string;
  readonly timeZone: string;
  readonly failed: (error: unknown) => void;
}
