import type { PaymentReconciliation } from '@medplum/fhirtypes';
import type { Advice, AdviceClaim } from '../../billing/remittance/advice.ts';
import { transactionImbalance } from '../../billing/remittance/balance.ts';
import { isDeposit, openOrdinals, type Posted } from '../../billing/remittance/reconciliation.ts';
import { providerAdjusted } from '../../billing/ledger/index.ts';
import { centsOf, negate } from '../../datatypes/cents.ts';
import { referenceText, versionText } from '../../datatypes/reference.ts';
import { find } from '../../interaction/repository.ts';
import { unprocessable } from '../../outcome/fhirError.ts';
import { businessFault, unresolved, wrongValue, type Issue } from '../../outcome/issue.ts';
import type { Task } from '@medplum/fhirtypes';
import { requireToSee } from '../call/callerView.ts';
import type { Call } from '../operation.ts';
import { parameters } from '../parameters.ts';
import { isTaken, providerAdjustedKey, reserveKey } from '../uniqueKey.ts';
import { closeTask } from '../worklist/task.ts';
import { deskOf, type Desk } from './desk.ts';
import { adjustmentsIn } from './enteredAdvice.ts';
import { settleHeld } from './heldClaim.ts';
import { claimAt } from './matchClaim.ts';
import { postAdjustment } from './postAdjustment.ts';
import { postClaim } from './postClaim.ts';
import { saveOutcome } from './postingJob.ts';
import { faultsOf } from './receiveAdvice.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };

/** What a person says of the claims of a payment, by ordinal. */
interface Said {
  readonly claim?: Awaited<ReturnType<typeof claimAt>>;
  readonly adjustments: ReturnType<typeof adjustmentsIn>;
}

/** Claims that one call posts at most: more are posted by the job. */
export const heldMax = 100;

/** Posts what is held of a payment, in the transaction of the call; what still fails keeps its Task. */
export async function postHeld(
  call: Call,
  reconciliation: Stored<PaymentReconciliation>,
  of: {
    readonly advice: Advice;
    readonly source: Desk['source'];
    readonly difference: boolean;
    readonly isEntered?: true; // with this call: its parameters are what the payment says
  },
): Promise<Stored<PaymentReconciliation>> {
  const { source, difference, isEntered = false } = of;
  // what the bank confirms is what was paid
  const advice = { ...of.advice, paid: centsOf(reconciliation.paymentAmount) ?? of.advice.paid };
  const name = referenceText(reconciliation);
  const faults = faultsOf(advice);
  const imbalance = transactionImbalance(advice);
  const canPost =
    faults.length === 0 || (difference && imbalance && faults.length === 1 && isDeposit(advice));
  if (canPost !== true) {
    const text = `${name} as a whole cannot be posted: ${faults.join('; ')}`;
    throw unprocessable([businessFault('remittance-unbalanced', 'PaymentReconciliation', text)]);
  }
  const said = isEntered ? new Map<number, Said>() : await readSaid(call, advice);
  const desk = await deskOf(call, { advice, reconciliation, source });
  const claims = new Map<number, Posted>();
  for (const ordinal of openOrdinals(reconciliation, advice.claims.length)) {
    const remitted = advice.claims[ordinal - 1];
    if (!remitted) continue;
    const own = said.get(ordinal);
    const completed = own ? withAdjustments(remitted, own.adjustments) : remitted;
    const posted = await postClaim(desk, completed, own?.claim);
    // what a person adds decides money of the claim, whichever it is matched to
    if (own && posted.claim !== undefined) await requireToSee(call.view, [posted.claim]);
    await settleHeld(desk, completed, posted);
    claims.set(ordinal, posted);
  }
  for (const adjustment of advice.adjustments) await postAdjustment(desk, adjustment);
  if (imbalance) await postDifference(desk, imbalance.difference);
  await closeWhole(call, name);
  const adjustments = new Set(advice.adjustments.map((a) => a.ordinal));
  return saveOutcome(call, name, { claims, adjustments, count: advice.claims.length });
}

/** What the parts of a payment do not explain: for a person to classify. */
async function postDifference(
  { call, payer, advice, reconciliation }: Desk,
  difference: Parameters<typeof negate>[0],
): Promise<void> {
  const { context, tx } = call;
  const key = providerAdjustedKey(payer, advice.trace, 0);
  if (await isTaken(tx, key)) return;
  const name = referenceText(reconciliation);
  await reserveKey(tx, key, name);
  await post(
    call,
    providerAdjusted({
      ...{ id: context.newId(), on: call.on, account: name, cause: versionText(reconciliation) },
      ...{ remittance: name, to: 'unclassified-payer-adjustment', text: 'difference of a remittance' },
      payer: reconciliation.paymentIssuer?.reference,
      amount: negate(difference),
    }),
  );
}

/** The Tasks of the payment as a whole are done. */
async function closeWhole(call: Call, name: string): Promise<void> {
  for (const task of await find<Task>(call.tx, 'Task', { focus: name })) {
    const code = task.code?.coding?.[0]?.code;
    if (code === 'remittance-payment' && task.status !== 'completed') await closeTask(call, task);
  }
}

const withAdjustments = (remitted: AdviceClaim, added: Said['adjustments']): AdviceClaim => ({
  ...remitted,
  adjustments: [...remitted.adjustments, ...added.filter((a) => a.line === undefined)],
  lines: remitted.lines.map((line, i) => ({
    ...line,
    adjustments: [...line.adjustments, ...added.filter((a) => a.line === i + 1)],
  })),
});

async function readSaid({ input, tx }: Call, { claims }: Advice): Promise<Map<number, Said>> {
  const faults: Issue[] = [];
  const said = new Map<number, Said>();
  for (const [i, given] of parameters(input, 'claim').entries()) {
    const at = `Parameters.parameter.where(name='claim')[${i}]`;
    const ordinal = given.part?.find((p) => p.name === 'ordinal')?.valuePositiveInt ?? 0;
    const reference = given.part?.find((p) => p.name === 'claim')?.valueReference?.reference;
    const claim = await claimAt(tx, reference);
    if (reference !== undefined && !claim)
      faults.push(
        unresolved('claim-unknown', `${at}.part.where(name='claim').value`, 'names no Claim that is here'),
      );
    if (ordinal > claims.length || said.has(ordinal))
      faults.push(
        wrongValue(
          'claim-ordinal',
          `${at}.part.where(name='ordinal').value`,
          `the payment has ${claims.length} claims, each is named once`,
        ),
      );
    said.set(ordinal, { adjustments: adjustmentsIn({ given, at, faults }), ...(claim ? { claim } : {}) });
  }
  if (faults.length > 0) throw unprocessable(faults);
  return said;
}
