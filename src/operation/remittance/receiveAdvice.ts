import { createHash } from 'node:crypto';
import type { Claim, PaymentReconciliation } from '@medplum/fhirtypes';
import type { Advice } from '../../billing/remittance/advice.ts';
import { imbalanceText, transactionImbalance } from '../../billing/remittance/balance.ts';
import { adviceContent, payerNumber } from '../../billing/remittance/contentKey.ts';
import {
  awaitsRepeat,
  isBankDeposit,
  isDeposit,
  reconciliation,
  rejected,
  sourceOf,
  wholeHeld,
} from '../../billing/remittance/reconciliation.ts';
import { remittanceDeposit } from '../../billing/ledger/index.ts';
import { parseReference, referenceText, versionText } from '../../datatypes/reference.ts';
import { unversionedText } from '../../datatypes/sentVersion.ts';
import { createResource, resolve } from '../../interaction/repository.ts';
import { moveLine } from '../deposit/bankLines.ts';
import type { Call } from '../operation.ts';
import {
  bankDepositKey,
  claimNumberKey,
  holderOf,
  remittanceContentKey,
  remittanceKey,
  reserveKey,
  writtenHolder,
} from '../uniqueKey.ts';
import { raiseTask } from '../worklist/task.ts';
import { partyOf, type Source } from './desk.ts';
import { reverseRemittance } from './reverseRemittance.ts';
import { post } from '../closing/post.ts';

type Stored<T> = T & { id: string };

/** What a remittance is when it comes: new; the same again; or another one under a number that was used. */
export interface Received {
  readonly is: 'new' | 'again' | 'differs';
  readonly reconciliation: Stored<PaymentReconciliation>;
  /** Why nothing of it is posted by itself; one sentence each. */
  readonly held: readonly string[];
}

const rejectedText = 'its 835 was rejected, and its payer was told so: a repeat takes its place';

/**
 * Transaction A of a remittance: the payment and the deposit, which waits to be posted from. The same remittance again
 * changes nothing, another one under the same trace number is for a person to look at. Of an 835 that was rejected
 * (999 R) the money is known and the deposit posted; its repeat takes its place. Billing rules 65 and 69.
 */
export async function receiveAdvice(
  call: Call,
  advice: Advice,
  source: Source | undefined,
  isRejected = false,
): Promise<Received> {
  const { context, tx, on } = call;
  const payer = payerNumber(advice);
  const hash = createHash('sha256').update(adviceContent(advice)).digest('base64url');
  await tx.lock(remittanceKey(payer, advice.trace).text);
  const same = await holderOf(tx, remittanceContentKey(hash));
  const other =
    same ?? (await holderOf(tx, remittanceKey(payer, advice.trace))) ?? (await inBank(call, advice));
  const former = other && awaitsRepeat(other) && !(isRejected && same) ? other : undefined;
  if (former) {
    const reason = isBankDeposit(former) ? 'its 835 came' : 'its payer sent it again';
    await reverseRemittance(call, former, { advice, source: sourceOf(former), reason });
  } else if (same) return { is: 'again', reconciliation: same, held: [] };
  else if (other) {
    await raiseTask(call, {
      ...{ code: 'remittance-differs', focus: referenceText(other), detail: hash.slice(0, 12) },
      text: `another remittance came under the trace number of ${referenceText(other)}: nothing of it was posted, ask the payer${source ? `; it is ${source.binary}` : ''}`,
    });
    return { is: 'differs', reconciliation: other, held: [] };
  }
  const payee = await partyOf(tx, advice.payee);
  const named = advice.payer.reference === undefined ? await issuerByClaims(call, advice) : undefined;
  const issuer = named ?? (await partyOf(tx, advice.payer));
  const made = reconciliation({
    ...{ advice, on, interchange: source },
    issuer: typeof issuer === 'string' ? issuer : issuer && referenceText(issuer),
    payee: payee && referenceText(payee),
  });
  const held = [...(isRejected ? [rejectedText] : []), ...faultsOf(advice)];
  const kept = held.length > 0 ? wholeHeld(made) : made;
  const stored = await createResource(context, tx, isRejected ? rejected(kept) : kept);
  const name = referenceText(stored);
  await reserveKey(tx, remittanceContentKey(hash), name);
  await reserveKey(tx, remittanceKey(payer, advice.trace), name);
  if (former && isDeposit(advice)) await moveLine(call, referenceText(former), name);
  if (isDeposit(advice))
    await post(
      call,
      remittanceDeposit({
        ...{ id: context.newId(), on, account: name, cause: versionText(stored), remittance: name },
        payer: stored.paymentIssuer?.reference,
        amount: advice.paid,
      }),
    );
  for (const [i, text] of held.entries())
    await raiseTask(call, {
      ...{ code: 'remittance-payment', focus: name, detail: (i + 1).toString() },
      text: `nothing of ${name} is posted but its deposit: ${text}`,
    });
  return { is: 'new', reconciliation: stored, held };
}

/** A payment of this number and amount that the bank has, and that waits for its 835. */
async function inBank(
  { tx }: Call,
  { trace, paid, payerTin }: Advice,
): Promise<Stored<PaymentReconciliation> | undefined> {
  const found = await holderOf(tx, bankDepositKey(trace, paid));
  const tin = found?.paymentIdentifier?.assigner?.identifier?.value;
  const isOfPayer = tin === undefined || payerTin === undefined || tin === payerTin;
  return found && isBankDeposit(found) && isOfPayer ? found : undefined;
}

/** Why the claims of a remittance stay: it cannot be read, or its payment is not what it is for. */
export function faultsOf(advice: Advice): string[] {
  const imbalance = transactionImbalance(advice);
  return [
    ...advice.faults,
    ...(imbalance ? [imbalanceText(imbalance)] : []),
    ...(advice.handling === 'H' && advice.paid !== 0
      ? ['it is for information only (BPR01 H), and names a payment']
      : []),
  ];
}

/** The payer that the claims were sent to: he is known here, whatever a clearinghouse calls him. */
async function issuerByClaims({ tx }: Call, { claims }: Advice): Promise<string | undefined> {
  for (const { patientControlNumber, status } of claims.slice(0, 5)) {
    if (status !== '1' && status !== '4' && status !== '22') continue;
    const held = parseReference(await writtenHolder(tx, claimNumberKey(patientControlNumber)));
    const claim = held && (await resolve<Claim>(tx, 'Claim', { reference: `${held.type}/${held.id}` }));
    const insurer = unversionedText(claim?.insurer?.reference);
    if (insurer !== undefined) return insurer;
  }
  return undefined;
}
