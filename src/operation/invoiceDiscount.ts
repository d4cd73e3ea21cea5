import type { Invoice, Parameters } from '@medplum/fhirtypes';
import type { CollectionSettings } from '../billing/collection/settings.ts';
import { openOf, patientStanding, payableOn, writeOff, writeOffOf } from '../billing/ledger/index.ts';
import { allocate } from '../billing/payment/allocate.ts';
import { readAmount } from '../billing/payment/amount.ts';
import { ownNumber, sameReference } from '../billing/payment/receipt.ts';
import { add, centsOf, rateOf, subtract, sum, toText, zero, most, type Cents } from '../datatypes/cents.ts';
import { daysBetween } from '../datatypes/date.ts';
import type { Entry, LedgerAccount } from '../datatypes/entry.ts';
import { referenceText, versionText } from '../datatypes/reference.ts';
import { readResource } from '../interaction/repository.ts';
import { duplicate, unprocessable } from '../outcome/fhirError.ts';
import { businessFault, decided, unknownCode } from '../outcome/issue.ts';
import { secondPerson } from './approval/secondPerson.ts';
import { post } from './closing/post.ts';
import { federalLines } from './collection/federalLines.ts';
import { settingsOf } from './collection/openInvoices.ts';
import { operationDefinition } from './definition.ts';
import { assertIssued } from './invoice/issuedInvoice.ts';
import type { Call, Operation } from './operation.ts';
import { answer, parameter } from './parameters.ts';
import { patientAccount, type PatientAccount } from './payment/patientAccount.ts';
import { settleInvoices } from './payment/receivePayment.ts';

const at = (name: string): string => `Parameters.parameter.where(name='${name}').value`;

/** The discounts there are, and the ledger account of each. */
const kinds: Readonly<Partial<Record<string, LedgerAccount>>> = {
  'prompt-pay': 'prompt-pay-discount',
  'self-pay': 'self-pay-discount',
};

/** POST [base]/Invoice/[id]/$discount: what a practice takes off for who pays at once, or pays alone. */
export const invoiceDiscount: Operation = {
  definition: operationDefinition('Invoice-discount'),
  permission: 'write-off',
  async run(call): Promise<Parameters> {
    const { tx, context, input } = call;
    const invoice = await readResource<Invoice & { id: string }>(tx, 'Invoice', call.target.id ?? '');
    const of = await patientAccount(call, invoice.account, 'Invoice.account');
    const name = referenceText(invoice);
    const kind = parameter(input, 'kind')?.valueCode ?? '';
    const to = kinds[kind];
    if (to === undefined)
      throw unprocessable([
        unknownCode('discount-kind', at('kind'), `the kind is one of ${Object.keys(kinds).join(', ')}`),
      ]);
    const why = `discount ${kind}`;
    const reference = sameReference(parameter(input, 'reference')?.valueString ?? `DISCOUNT ${kind}`);
    const known = writeOffOf(of.journal, name, reference);
    if (known && !known.reversed) {
      if (known.entry.text !== textOf(kind))
        throw duplicate('reference-used', `${reference} was used for another write-off`, at('reference'));
      return answer(
        [['invoice', invoice]],
        [decided('already-there', 'Invoice', `${reference} is given on ${name}; nothing was posted again`)],
      );
    }
    assertIssued(invoice);
    const on = invoice.date !== undefined && invoice.date > call.on ? invoice.date : call.on;
    const amount = await amountOf(call, { of, invoice, name, kind, on });
    const { applied, rest } = allocate(amount, payableOn(of.journal, { invoice: name }, on));
    if (rest > 0)
      throw unprocessable([businessFault('above-open-amount', at('amount'), `less is open on ${name}`)]);
    const step = { operation: 'discount', permission: 'write-off', amount, atStake: amount } as const;
    const waiting = await secondPerson(call, {
      ...step,
      patient: referenceText(of.patient),
      practice: invoice.issuer ?? of.practice,
    });
    if (waiting) return waiting;
    const id = context.newId();
    const head = { id, on, account: of.name, cause: versionText(invoice) };
    const number = reference === '' ? ownNumber('WO', id) : reference;
    const discount = writeOff({ ...head, invoice: name, why, to, reference: number, lines: applied });
    const entry = await post(call, discount);
    const [settled = invoice] = await settleInvoices(call, [...of.journal, entry], [name]);
    return answer(
      [['invoice', settled]],
      [decided('discounted', 'Invoice', `${toText(amount)} is taken off ${name} under ${number}`)],
    );
  },
};

interface Asked {
  readonly of: PatientAccount;
  readonly invoice: Invoice;
  readonly name: string;
  readonly kind: string;
  readonly on: string;
}

/** How much is taken off: what the practice gives, or less of it. */
async function amountOf(call: Call, asked: Asked): Promise<Cents> {
  const { of, invoice, name, kind } = asked;
  const settings = await settingsOf(call, of);
  const refusal = await refusalOf(call, asked, settings);
  if (refusal !== undefined) throw unprocessable([businessFault('no-discount', at('kind'), refusal)]);
  const points = kind === 'prompt-pay' ? settings.promptPay : settings.selfPay;
  const total = centsOf(invoice.totalNet) ?? zero;
  const given = sum(
    patientStanding(of.journal, { invoice: name }).map((line) => most(line.writtenOff, zero)),
  );
  const base = kind === 'prompt-pay' ? openOf(of.journal, name) : subtract(total, given);
  // what was taken off for the same reason under another number counts
  const before = discountedOn(of.journal, name, kind);
  const all = most(subtract(rateOf(points, most(add(base, before), zero)), before), zero);
  const money = parameter(call.input, 'amount')?.valueMoney;
  if (!money) {
    if (all > 0) return all;
    throw unprocessable([businessFault('no-discount', at('kind'), 'nothing is left to take off')]);
  }
  const amount = readAmount(money, at('amount'));
  if (typeof amount !== 'number') throw unprocessable([amount]);
  if (amount <= all) return amount;
  const text = `the practice gives ${toText(all)} at most`;
  throw unprocessable([businessFault('above-discount', `${at('amount')}.value`, text)]);
}

/** What discounts of a kind that stand have taken off an Invoice. */
const discountedOn = (journal: readonly Entry[], invoice: string, kind: string): Cents => {
  const takenBack = new Set(journal.map((e) => e.reverses));
  return sum(
    journal
      .filter((e) => e.reason === 'write-off' && e.text === textOf(kind) && !takenBack.has(e.id))
      .flatMap((e) => e.postings.filter((p) => p.invoice === invoice && p.amount > 0).map((p) => p.amount)),
  );
};

/** The words of the entry of a discount. */
const textOf = (kind: string): string => `written off: discount ${kind}`;

/** Why the practice gives none. */
async function refusalOf(
  call: Call,
  { of, invoice, name, kind, on }: Asked,
  settings: CollectionSettings,
): Promise<string | undefined> {
  const points = kind === 'prompt-pay' ? settings.promptPay : settings.selfPay;
  if (points === 0) return `the practice gives no discount ${kind}`;
  const lines = patientStanding(of.journal, { invoice: name });
  if (kind === 'self-pay' && lines.some((line) => line.claim !== undefined))
    return 'an insurance has a part in this bill';
  if (kind === 'prompt-pay' && daysBetween(invoice.date ?? on, on) > settings.promptPayDays)
    return `the ${settings.promptPayDays} days are over`;
  if ((await federalLines(call, lines)).length > 0)
    return 'what a federal programme leaves to its patient is not discounted';
  return undefined;
}
