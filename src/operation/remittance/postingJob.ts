import type { PaymentReconciliation } from '@medplum/fhirtypes';
import { isReversal, type Advice, type AdviceClaim } from '../../billing/remittance/advice.ts';
import { withOutcome, type Posted } from '../../billing/remittance/reconciliation.ts';
import { parseReference, referenceText } from '../../datatypes/reference.ts';
import { changed } from '../../datatypes/json.ts';
import { readResource, updateResource } from '../../interaction/repository.ts';
import type { Handler } from '../../job/queue.ts';
import { FhirError } from '../../outcome/fhirError.ts';
import type { Lease } from '../../store/job.ts';
import type { Transaction } from '../../store/store.ts';
import { workLeased } from '../call/leased.ts';
import type { Call, OperationContext } from '../operation.ts';
import { laterCall } from '../submission/laterCall.ts';
import { addLabels, distinct } from '../label/labelled.ts';
import { traced } from '../origin/traced.ts';
import { deskOf, type Desk, type Known, type Source } from './desk.ts';
import { holdClaim, settleHeld } from './heldClaim.ts';
import { jobFor, postingKind, postingOf, type Posting } from './postAgain.ts';
import { postAdjustment } from './postAdjustment.ts';
import { postClaim } from './postClaim.ts';
import { readAhead } from './readAhead.ts';
import { readSource } from './readSource.ts';
import { receiveAdvice, type Received } from './receiveAdvice.ts';

type Stored<T> = T & { id: string };

/** Claims that are posted in one transaction: few, so that nobody waits long, and one that fails is posted apart. */
const together = 16;

/**
 * Posts the claims of a remittance, each so that it lands as a whole or not at all; what was posted before a crash is
 * known by its key and left alone. See docs/decision/0036
 */
export const remittancePosting = (context: OperationContext, known?: Advice): Handler => ({
  kind: postingKind,
  run: async (lease, signal) => {
    const posting = postingOf(lease.job);
    const payment = await current(context, posting.remittance);
    const { store } = context;
    const advice = known ?? (await readSource(store, posting.source, { payment, store }));
    const work = new Work(context, { lease, posting, advice }, payment);
    await work.claims(signal);
    if (signal.aborted) throw new Error('the server stops: the rest is posted by the next one');
    await work.finish();
    return undefined;
  },
  giveUp: (tx, lease) => giveUp(context, tx, postingOf(lease.job)),
});

async function giveUp(
  context: OperationContext,
  tx: Transaction,
  { remittance, on }: Posting,
): Promise<void> {
  const call = laterCall(context, tx, on);
  await holdClaim(call, {
    remittance,
    ordinal: 0,
    text: 'its claims could not all be posted: $post tries again',
  });
}

interface AtWork {
  readonly lease: Lease;
  readonly posting: Posting;
  readonly advice: Advice;
}

/** The posting of one remittance by one holder of its lease. */
class Work {
  readonly #context: OperationContext;
  readonly #of: AtWork;
  readonly #reconciliation: Stored<PaymentReconciliation>;
  readonly #outcome = new Map<number, Posted>();
  #desk: Known | undefined;

  constructor(context: OperationContext, of: AtWork, reconciliation: Stored<PaymentReconciliation>) {
    this.#context = context;
    this.#of = of;
    this.#reconciliation = reconciliation;
  }

  async claims(signal: AbortSignal): Promise<void> {
    const { claims } = this.#of.advice;
    for (let i = 0; i < claims.length && !signal.aborted; i += together) {
      const some = claims.slice(i, i + together);
      try {
        await this.#post(some);
      } catch (error) {
        if (isOfStore(error)) throw error;
        for (const claim of some) await this.#postAlone(claim);
      }
    }
    await this.#again(claims, signal);
  }

  /** Reversals that came before what they take back are tried once more. */
  async #again(claims: readonly AdviceClaim[], signal: AbortSignal): Promise<void> {
    for (const claim of claims) {
      if (signal.aborted) return;
      if (isReversal(claim) && this.#outcome.get(claim.ordinal)?.held !== undefined)
        await this.#postAlone(claim);
    }
  }

  /** Several claims in one transaction; the lease is held against others in the same. */
  async #post(some: readonly AdviceClaim[]): Promise<void> {
    const posted = await this.#context.store.transaction(async (tx) => {
      const desk = await this.#at(tx);
      await readAhead(desk, some);
      const found: (readonly [number, Posted])[] = [];
      for (const claim of some) {
        await traced(this.#context, tx, { activity: 'posting of a remittance', byServer: true }, async () => {
          const one = await postClaim(desk, claim);
          await settleHeld(desk, claim, one);
          found.push([claim.ordinal, one]);
        });
      }
      return found;
    });
    for (const [ordinal, one] of posted) this.#outcome.set(ordinal, one);
  }

  /** One that cannot be posted stays, with its Task; its neighbours are not kept by it. */
  async #postAlone(claim: AdviceClaim): Promise<void> {
    try {
      await this.#post([claim]);
    } catch (error) {
      if (isOfStore(error)) throw error;
      if (!(error instanceof FhirError)) this.#context.failed?.(error);
      const held = { held: reasonOf(error) };
      await this.#context.store.transaction(async (tx) => settleHeld(await this.#at(tx), claim, held));
      this.#outcome.set(claim.ordinal, held);
    }
  }

  async #at(tx: Transaction): Promise<Desk> {
    const { lease, posting, advice } = this.#of;
    await tx.jobs.change(lease, { state: 'leased' });
    const call = laterCall(this.#context, tx, posting.on);
    const of = { advice, reconciliation: this.#reconciliation, source: posting.source };
    const desk = await deskOf(call, of, this.#desk);
    const { classes, accounts, organizations } = desk;
    this.#desk = { classes, accounts, organizations };
    return desk;
  }

  /** Provider adjustments, each by itself; then the remittance says what became of its parts, and the job is done. */
  async finish(): Promise<void> {
    const { store } = this.#context;
    const { advice, lease } = this.#of;
    for (const adjustment of advice.adjustments)
      await store.transaction(async (tx) => postAdjustment(await this.#at(tx), adjustment));
    await store.transaction(async (tx) => {
      const { call } = await this.#at(tx);
      await traced(this.#context, tx, { activity: 'outcome of a remittance', byServer: true }, () =>
        saveOutcome(call, this.#of.posting.remittance, {
          claims: this.#outcome,
          adjustments: new Set(advice.adjustments.map((a) => a.ordinal)),
          count: advice.claims.length,
        }),
      );
      await tx.jobs.change(lease, { state: 'done' });
    });
  }
}

/** Writes what became of parts of a remittance on it, and the sensitive labels of the claims that it pays. */
export async function saveOutcome(
  { context, tx }: Call,
  remittance: string,
  outcome: Parameters<typeof withOutcome>[1],
): Promise<Stored<PaymentReconciliation>> {
  const id = parseReference(remittance)?.id ?? '';
  const stored = await readResource<PaymentReconciliation>(tx, 'PaymentReconciliation', id);
  const saved = withOutcome(changed(stored, { id }), outcome);
  addLabels(saved, distinct([...outcome.claims.values()].flatMap(({ labels = [] }) => labels)));
  return updateResource(context, tx, saved);
}

async function current(
  context: OperationContext,
  remittance: string,
): Promise<Stored<PaymentReconciliation>> {
  const id = parseReference(remittance)?.id ?? '';
  const found = await readResource<PaymentReconciliation>(context.store, 'PaymentReconciliation', id);
  return changed(found, { id });
}

const codesOf = (error: FhirError): string[] =>
  error.issue.flatMap((i) => i.details?.coding?.flatMap((c) => c.code ?? []) ?? []);

/** A fault of the store (full, taken away, busy) or a lost lease: no claim is to blame, all is tried again. */
const isOfStore = (error: unknown): boolean =>
  error instanceof FhirError &&
  (error.status >= 500 || error.status === 429 || codesOf(error).includes('lease-lost'));

function reasonOf(error: unknown): string {
  if (!(error instanceof FhirError)) return 'it could not be posted by a fault of this server';
  const [issue] = error.issue;
  return `it could not be posted: ${issue?.details?.text ?? issue?.code ?? ''}`;
}

/** How a remittance came. */
interface Taken {
  readonly source?: Source | undefined;
  readonly on: string; // the day it is posted
  readonly isRejected?: boolean; // its 835 was, as a whole (999 R)
}

/** Writes a remittance that came, with the job that posts it. What stays as a whole gets no job. */
export async function begin(
  call: Call,
  advice: Advice,
  { source, isRejected }: Pick<Taken, 'source' | 'isRejected'>,
): Promise<Received & { readonly lease?: Lease }> {
  const step = { activity: 'receipt of a remittance', byServer: true } as const;
  const received = await traced(call.context, call.tx, step, () =>
    receiveAdvice(call, advice, source, isRejected),
  );
  if (received.is !== 'new' || received.held.length > 0) return received;
  if (advice.claims.length + advice.adjustments.length === 0) return received;
  const posting = {
    remittance: referenceText(received.reconciliation),
    on: call.on,
    ...(source ? { source } : {}),
  };
  const lease = await call.tx.jobs.begin(jobFor(posting, Date.parse(call.context.now())));
  return lease ? { ...received, lease } : received;
}

/** Posts under the lease that a transaction began, once it has landed; resolves when it is done or was put off. */
export function work(context: OperationContext, lease: Lease, advice?: Advice): Promise<void> {
  const done = workLeased(context, remittancePosting(context, advice), lease);
  context.background?.(done);
  return done;
}

/** A whole remittance: written, and posted as far as it can be. */
export async function takeRemittance(
  context: OperationContext,
  advice: Advice,
  of: Taken,
): Promise<Received> {
  const begun = await context.store.transaction((tx) => begin(laterCall(context, tx, of.on), advice, of));
  if (!begun.lease) return begun;
  await work(context, begun.lease, advice);
  return { ...begun, reconciliation: await current(context, referenceText(begun.reconciliation)) };
}
