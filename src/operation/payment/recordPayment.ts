import type { Invoice, Parameters } from '@medplum/fhirtypes';
import { ownNumber, receipt, type Payment } from '../../billing/payment/receipt.ts';
import type { About } from '../../billing/ledger/index.ts';
import type { Issue } from '../../outcome/issue.ts';
import type { Call } from '../operation.ts';
import { answer } from '../parameters.ts';
import type { PatientAccount } from './patientAccount.ts';
import { payerInput, payerOfMoney } from './payerOfMoney.ts';
import { allocationInput, paymentInput } from './paymentInput.ts';
import { knownReceipt, type NumberOf } from './paymentReference.ts';
import { allocatedParts, openParts, type Parts } from './paymentParts.ts';
import { receivePayment } from './receivePayment.ts';

/** What a payment is recorded on. */
export interface Recorded {
  readonly request: string; // Invoice/1 or Account/1
  readonly of: PatientAccount;
  readonly where: About; // what it meets where no allocation is told
  readonly from?: string | undefined; // nothing is met before this day
  readonly encounter?: string | undefined; // the visit it is kept for
  readonly estimate?: string | undefined; // Claim/1: the estimate it is taken against
  readonly invoice?: Invoice; // answered with when the payment met none
  /** Refuses what cannot be paid on; a repeat is answered all the same. */
  readonly check?: () => void;
  /** What else is to be said of the payment. */
  readonly more?: () => readonly Issue[];
}

/** Records a payment of a patient once: a repeat is answered with the first receipt. */
export async function recordPayment(call: Call, what: Recorded): Promise<Parameters> {
  const { of, request, encounter, estimate } = what;
  const told = paymentInput(call);
  const allocation = allocationInput(call.input, told.amount);
  const named = await payerInput(call);
  const payer = named ?? (await payerOfMoney(call, { reference: request }));
  const id = call.context.newId();
  const reference = told.reference ?? ownNumber('RCPT', id);
  const practice = what.invoice?.issuer ?? of.practice;
  const payment: Payment = { ...told, reference, request, practice, payer, encounter, estimate, allocation };
  const number: NumberOf = {
    kind: 'payment',
    practice: practice.reference ?? '',
    payer,
    payerNamed: named !== undefined,
    method: told.method,
    reference,
  };
  const known = await knownReceipt(call, number, receipt(payment, told));
  const own = what.invoice ? [['invoice', what.invoice] as const] : [];
  if (known.receipt) return answer([['receipt', known.receipt], ...own], known.issues);
  what.check?.();
  const parts: Parts =
    allocation.length > 0
      ? await allocatedParts(call, of, { allocation, amount: told.amount, on: told.on, practice })
      : openParts(of, { amount: told.amount, where: what.where, on: later(told.on, what.from) });
  const received = await receivePayment(call, of, { id, payment, number, date: told.date, parts });
  const met = received.invoices.map((i) => ['invoice', i] as const);
  const issues = [...received.issues, ...known.issues, ...(what.more?.() ?? [])];
  return answer([['receipt', received.receipt], ...(met.length > 0 ? met : own)], issues);
}

const later = (a: string, b: string | undefined): string => (b !== undefined && b > a ? b : a);
