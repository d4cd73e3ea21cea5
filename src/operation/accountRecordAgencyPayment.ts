import type { Account, Invoice, Parameters, PaymentNotice } from '@medplum/fhirtypes';
import { agencyOf, placementOf, recalled, throughAgency } from '../billing/collection/placement.ts';
import {
  patientPayment,
  payableOn,
  writeOff,
  writeOffOf,
  writeOffReversed,
  type InvoiceLine,
} from '../billing/ledger/index.ts';
import { allocate } from '../billing/payment/allocate.ts';
import { readAmount } from '../billing/payment/amount.ts';
import { ownNumber, receipt, sameReference } from '../billing/payment/receipt.ts';
import { least, subtract, sum, toText, zero, type Cents } from '../datatypes/cents.ts';
import type { Entry } from '../datatypes/entry.ts';
import { changed } from '../datatypes/json.ts';
import { versionText } from '../datatypes/reference.ts';
import { createResource, find, resolve, updateResource } from '../interaction/repository.ts';
import { unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided } from '../outcome/issue.ts';
import { post } from './closing/post.ts';
import { dayFor } from './collection/openInvoices.ts';
import { operationDefinition } from './definition.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { paymentInput } from './payment/paymentInput.ts';
import { knownReceipt, takeNumber } from './payment/paymentReference.ts';
import { settleInvoices } from './payment/receivePayment.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** POST [base]/Account/[id]/$record-agency-payment: what came through a collection agency, and what it kept. */
export const accountRecordAgencyPayment: Operation = {
  definition: operationDefinition('Account-record-agency-payment'),
  permission: 'record-payment',
  async run(call): Promise<Parameters> {
    const { context, tx } = call;
    const told = paymentInput(call);
    const fee = feeOf(call, told.amount);
    const of = await patientAccount(call, { reference: `Account/${call.target.id ?? ''}` }, 'Account');
    const id = context.newId();
    const reference = told.reference ?? ownNumber('RCPT', id);
    const practice = of.practice.reference ?? '';
    const placement = placementOf(of.account);
    const payer = placement?.agency ?? (await agencyBefore(call, of, reference)) ?? practice;
    const paid = subtract(told.amount, fee);
    const wanted = receipt(
      { ...told, amount: paid, reference, request: of.name, practice: of.practice, payer },
      told,
    );
    const number = {
      kind: 'payment',
      practice,
      payer,
      payerNamed: true,
      method: told.method,
      reference,
    } as const;
    const known = await knownReceipt(call, number, wanted);
    if (known.receipt)
      return answer(
        [
          ['receipt', known.receipt],
          ['account', of.account],
        ],
        known.issues,
      );
    const parts = placed(of);
    const { applied, rest } = allocate(told.amount, parts);
    if (!placement || rest > 0) {
      const text = `the agency has ${toText(sum(parts.map((p) => p.amount)))} of ${of.name}`;
      throw unprocessable([businessFault('above-placed-amount', `${at('amount')}.value`, text)]);
    }
    const on = applied.reduce((day, { invoice }) => dayFor(of.journal, invoice, day), told.on);
    const notice = await createResource(
      context,
      tx,
      changed(throughAgency(wanted, { agency: placement.agency, gross: told.amount, fee }), {
        id,
        created: on,
      }),
    );
    await takeNumber(call, number, notice);
    const journal = await settle(call, of, { parts: applied, fee, on, cause: versionText(notice) });
    await settleInvoices(call, journal, placement.invoices);
    const left = subtract(sum(parts.map((p) => p.amount)), told.amount);
    const account = left > 0 ? of.account : await updateResource<Account>(context, tx, recalled(of.account));
    const text = `${toText(paid)} came through the agency, ${toText(fee)} is its fee; it has ${toText(left)} left`;
    return answer(
      [
        ['receipt', notice],
        ['account', account],
      ],
      [decided('created', 'PaymentNotice', text), ...known.issues],
    );
  },
};

/** The agency of a receipt with this number, where that was the last of what it had and the placement is gone. */
async function agencyBefore(
  { tx }: Call,
  { name }: PatientAccount,
  reference: string,
): Promise<string | undefined> {
  const receipts = await find<PaymentNotice>(tx, 'PaymentNotice', { request: name, status: 'active' });
  return receipts
    .filter((r) => sameReference(r.payment.identifier?.value ?? '') === sameReference(reference))
    .flatMap((r) => agencyOf(r) ?? [])
    .at(-1);
}

function feeOf({ input }: Call, amount: Cents): Cents {
  const money = parameter(input, 'fee')?.valueMoney;
  if (!money || money.value === 0) return zero;
  const fee = readAmount(money, at('fee'));
  if (typeof fee !== 'number') throw unprocessable([fee]);
  if (fee < amount) return fee;
  throw unprocessable([
    businessFault('fee-above-amount', `${at('fee')}.value`, 'the fee is less than the amount'),
  ]);
}

interface PlacedPart {
  readonly invoice: string;
  readonly entry: Entry; // the write-off that stands
  readonly whole: Cents;
  readonly amount: Cents;
}

/** What the agency has, by Invoice. */
function placed({ account, journal }: PatientAccount): PlacedPart[] {
  const placement = placementOf(account);
  return (placement?.invoices ?? []).flatMap((invoice) => {
    const known = writeOffOf(journal, invoice, placement?.reference ?? '');
    if (!known || known.reversed) return [];
    const whole = sum(known.entry.postings.map((p) => (p.amount > 0 ? p.amount : zero)));
    return [{ invoice, entry: known.entry, whole, amount: whole }];
  });
}

/**
 * The write-off of each part is taken back, and made again for what is left once it is paid. The payment is one entry,
 * as of every receipt on an Account: so it is taken back as a whole.
 */
async function settle(
  call: Call,
  of: PatientAccount,
  event: {
    readonly parts: readonly PlacedPart[];
    readonly fee: Cents;
    readonly on: string;
    readonly cause: string;
  },
): Promise<readonly Entry[]> {
  const { newId } = call.context;
  const head = () => ({ id: newId(), on: event.on, account: of.name, cause: event.cause });
  let journal: readonly Entry[] = of.journal;
  const add = async (entry: Entry): Promise<void> => {
    journal = [...journal, await post(call, entry)];
  };
  const open = (invoice: string) => payableOn(journal, { invoice }, event.on);
  let fee = event.fee;
  const paid: InvoiceLine[] = [];
  const given: { readonly part: PlacedPart; readonly kept: Cents }[] = [];
  for (const part of event.parts) {
    const resource = await resolve<Invoice>(call.tx, 'Invoice', { reference: part.invoice });
    const cancelled = resource?.status === 'cancelled';
    await add(writeOffReversed({ ...head(), writtenOff: part.entry, cancelled }));
    const kept = least(fee, part.amount);
    fee = subtract(fee, kept);
    paid.push(...allocate(subtract(part.amount, kept), open(part.invoice)).applied);
    given.push({ part, kept });
  }
  await add(patientPayment({ ...head(), applied: paid, unapplied: zero }));
  for (const { part, kept } of given) {
    const { invoice, entry, whole, amount } = part;
    const give = async (left: Cents, why: 'agency' | 'agency-fee'): Promise<void> => {
      if (left === 0) return;
      const to = why === 'agency' ? 'bad-debt-expense' : 'other-expense';
      const reference = why === 'agency' ? (entry.reference ?? '') : `${entry.reference ?? ''} FEE`;
      const lines = allocate(left, open(invoice)).applied;
      await add(writeOff({ ...head(), invoice, why, to, reference, lines }));
    };
    await give(kept, 'agency-fee');
    await give(subtract(whole, amount), 'agency');
  }
  return journal;
}
